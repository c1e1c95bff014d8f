// Edits wait for the user: a diff of every file, and a question above it. Nothing is written before it is answered.
// (VS Code's refactor preview would show edits that need confirmation unticked: applying it applies nothing.)

import * as vscode from "vscode";
import type { WorkspaceEdit } from "vscode-languageclient";
import { applyEdits, changedFiles, type Changed } from "./composed.ts";

/** Runs a code action: its choice and its title. */
export const PREVIEW_COMMAND = "tunesmith.preview";

const SCHEME = "tunesmith-preview";

/** Shows texts that are not there yet. */
export class Preview implements vscode.Disposable {
  readonly #texts = new Map<string, string>();
  readonly #provider: vscode.Disposable;
  #count = 0;

  constructor() {
    this.#provider = vscode.workspace.registerTextDocumentContentProvider(SCHEME, {
      provideTextDocumentContent: (uri) => this.#texts.get(uri.toString()) ?? "",
    });
  }

  dispose(): void {
    this.#provider.dispose();
  }

  /** `apply`: makes the edit. False where the user discarded it. Rejects where a file changed meanwhile. */
  async show(edit: WorkspaceEdit, label: string, apply: () => Thenable<boolean>): Promise<boolean> {
    // What changes is looked at first, what comes with it after.
    const files = changedFiles(edit).sort((one, other) => Number(one.isNew) - Number(other.isNew));
    this.#count += 1;
    const resources = await Promise.all(files.map((file) => this.#resource(file)));
    const title = `${label} (preview)`;
    await vscode.commands.executeCommand("vscode.changes", title, resources);
    const agreed = await agrees(label, files);
    await closeTab(title);
    this.#texts.clear();
    if (!agreed) return false;
    await checkVersions(files);
    const applied = await apply();
    const source = files.find((file) => !file.isNew);
    if (applied && source !== undefined) await vscode.window.showTextDocument(vscode.Uri.parse(source.uri));
    return applied;
  }

  /** As `vscode.changes` takes it: what it is called, before, after. */
  async #resource(file: Changed): Promise<[vscode.Uri, vscode.Uri | undefined, vscode.Uri]> {
    const uri = vscode.Uri.parse(file.uri);
    const before = file.isNew ? undefined : await vscode.workspace.openTextDocument(uri);
    const after = uri.with({ scheme: SCHEME, query: String(this.#count) });
    this.#texts.set(after.toString(), applyEdits(before?.getText() ?? "", file.edits));
    return [uri, before?.uri, after];
  }
}

async function agrees(label: string, files: readonly Changed[]): Promise<boolean> {
  const names = files.map(
    (file) => `${vscode.workspace.asRelativePath(vscode.Uri.parse(file.uri))}${file.isNew ? " (new)" : ""}`,
  );
  const apply = { label: "$(check) Apply", description: names.join(", ") };
  const discard = { label: "$(discard) Discard" };
  const options = { title: label, placeHolder: "Apply this change?", ignoreFocusOut: true };
  return (await vscode.window.showQuickPick([apply, discard], options)) === apply;
}

async function checkVersions(files: readonly Changed[]): Promise<void> {
  for (const { uri, version } of files) {
    if (version === null) continue;
    const document = await vscode.workspace.openTextDocument(vscode.Uri.parse(uri));
    if (document.version !== version) {
      const name = vscode.workspace.asRelativePath(document.uri);
      throw new Error(`${name} changed since this edit was made. Nothing was applied; ask for it again.`);
    }
  }
}

async function closeTab(title: string): Promise<void> {
  const tabs = vscode.window.tabGroups.all.flatMap((group) => group.tabs).filter((tab) => tab.label.startsWith(title));
  await vscode.window.tabGroups.close(tabs, true);
}
