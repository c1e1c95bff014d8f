// The results page in the editor: one panel a workspace folder, restored with its window.

import { randomUUID } from "node:crypto";
import * as path from "node:path";
import * as vscode from "vscode";
import { webviewHtml } from "../../page/embed/html.ts";
import { pageListener } from "../../page/embed/listener.ts";
import type { ResultsServer } from "../../page/embed/resultsServer.ts";
import type { HostEvent, Remembered } from "../../page/src/host.ts";
import { readRoute, type Route } from "../../page/src/model/route.ts";
import { answering } from "./answering.ts";

const VIEW = "tunesmith.results";

type Start = (root: string) => Promise<ResultsServer>;

export class ResultsPanels implements vscode.Disposable, vscode.WebviewPanelSerializer<Remembered> {
  readonly #panels = new Map<string, vscode.WebviewPanel>();
  readonly #extension: vscode.Uri;
  readonly #start: Start;
  readonly #restoring: vscode.Disposable;

  /** `extension`: its folder. `start`: a server of the runs of one workspace folder. */
  constructor(extension: vscode.Uri, start: Start) {
    this.#extension = extension;
    this.#start = start;
    this.#restoring = vscode.window.registerWebviewPanelSerializer(VIEW, this);
  }

  /** Show a run, or two side by side, in the folder's panel. */
  show(root: string, event: HostEvent): void {
    const known = this.#panels.get(root);
    if (known !== undefined) {
      known.reveal();
      void known.webview.postMessage(event);
      return;
    }
    const title = `Results of ${path.basename(root)}`;
    // What was scrolled to and folded out stays so behind another tab.
    const options = { retainContextWhenHidden: true };
    this.#fill(vscode.window.createWebviewPanel(VIEW, title, vscode.ViewColumn.Active, options), root, routeOf(event));
  }

  async deserializeWebviewPanel(panel: vscode.WebviewPanel, remembered: Remembered | undefined): Promise<void> {
    if (remembered === undefined || this.#panels.has(remembered.root)) panel.dispose();
    else this.#fill(panel, remembered.root, readRoute(remembered.route));
  }

  dispose(): void {
    this.#restoring.dispose();
    for (const panel of this.#panels.values()) panel.dispose();
  }

  #fill(panel: vscode.WebviewPanel, root: string, route: Route): void {
    const { webview } = panel;
    const page = vscode.Uri.joinPath(this.#extension, "dist", "page");
    const { ask, stop } = answering(() => this.#start(root));
    this.#panels.set(root, panel);
    panel.onDidDispose(() => {
      stop();
      this.#panels.delete(root);
    });
    panel.iconPath = vscode.Uri.joinPath(this.#extension, "media", "icon.png");
    webview.options = { enableScripts: true, localResourceRoots: [page] };
    webview.onDidReceiveMessage(
      pageListener(
        (message) => webview.postMessage(message),
        ask,
        (name, content) => save(root, name, content),
      ),
    );
    webview.html = webviewHtml({
      script: webview.asWebviewUri(vscode.Uri.joinPath(page, "page.js")).toString(),
      style: webview.asWebviewUri(vscode.Uri.joinPath(page, "page.css")).toString(),
      source: webview.cspSource,
      nonce: randomUUID(),
      route,
      root,
    });
  }
}

function routeOf(event: HostEvent): Route {
  return event.kind === "open" ? { view: "run", run: event.run } : { view: "compare", runs: event.runs };
}

async function save(root: string, name: string, content: Uint8Array): Promise<void> {
  const place = await vscode.window.showSaveDialog({ defaultUri: vscode.Uri.file(path.join(root, name)) });
  if (place === undefined) return;
  try {
    await vscode.workspace.fs.writeFile(place, content);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    void vscode.window.showErrorMessage(`${place.fsPath} was not written (${reason}). Save it elsewhere.`);
  }
}
