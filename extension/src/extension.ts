// The extension: finds a Python, starts the language server where DSPy is used, and shows what can be tuned.

import * as vscode from "vscode";
import { registerCommands } from "./commands.ts";
import { mentionsDspy } from "./concern.ts";
import { anyConfigured } from "./python.ts";
import type { Server } from "./server.ts";
import { openSession } from "./openSession.ts";
import { showTargets } from "./views/targets.ts";
import { watchRuns } from "./watchRuns.ts";

export function activate(context: vscode.ExtensionContext): void {
  const { subscriptions } = context;
  const session = openSession(context);
  subscriptions.push(registerCommands(session));
  subscriptions.push(showTargets(session.overview, () => void session.server.start()));
  subscriptions.push(watchRuns(session.overview));
  startOnceConcerned(session.server, subscriptions);
}

/** A window without DSPy costs no process: the server starts with the first document or folder that concerns it. */
function startOnceConcerned(server: Server, subscriptions: vscode.Disposable[]): void {
  const look = (document: vscode.TextDocument) => {
    if (mentionsDspy(document)) void server.start();
  };
  subscriptions.push(vscode.workspace.onDidOpenTextDocument(look), vscode.workspace.onDidSaveTextDocument(look));
  vscode.workspace.textDocuments.forEach(look);
  void anyConfigured().then((configured) => (configured ? server.start() : undefined));
}
