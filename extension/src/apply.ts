// Taking what a run found: the edit is composed by the server and shown as a diff.

import * as path from "node:path";
import * as vscode from "vscode";
import type { Choice, Connection } from "./connection.ts";
import type { FolderPicture } from "./overview.ts";
import type { RunSummary } from "./protocol.ts";
import { describeOutcome } from "./wording.ts";

interface Form extends vscode.QuickPickItem {
  form: Choice["form"];
}

const FORMS: Form[] = [
  {
    form: "load",
    label: "Load the compiled program",
    detail: "One line that loads it; the program is copied to compiled/.",
  },
  {
    form: "instructions",
    label: "Write instructions and demos into the source",
    detail: "All that changed, readable and reviewable.",
  },
  { form: "demos", label: "Write the demos into the source", detail: "Instructions stay as they are." },
];

export async function applyRun(connection: Connection, folder: FolderPicture, run: RunSummary): Promise<void> {
  const title = `Apply ${run.target}: ${describeOutcome(run)}`;
  const chosen = await vscode.window.showQuickPick(FORMS, { title, placeHolder: "In which form?" });
  if (chosen === undefined) return;
  const choice: Choice = {
    root: folder.root,
    run_id: run.run_id,
    form: chosen.form,
    predictor: null,
    ...(await anchor(folder, run)),
  };
  if (run.report?.finetune) {
    // Models are folders, which no edit can carry: the server copies them and sends the edit.
    await connection.command("tunesmith.apply", choice);
  } else {
    await connection.preview(await connection.edit(choice), chosen.label);
  }
}

/** The document where the run's target is named, opened so that both sides mean the same version. */
async function anchor(folder: FolderPicture, run: RunSummary): Promise<{ uri: string; version: number }> {
  const file = folder.targets.find((target) => target.name === run.target)?.file ?? "pyproject.toml";
  const document = await vscode.workspace.openTextDocument(path.join(folder.root, file));
  return { uri: document.uri.toString(), version: document.version };
}
