// Workspace trust: without it programs are read, never run.

import * as vscode from "vscode";

const MANAGE = "Manage Workspace Trust";

/** Whether the workspace's code may run; says why not. */
export async function isTrusted(): Promise<boolean> {
  if (vscode.workspace.isTrusted) return true;
  const message = "Tunesmith: a run executes this workspace's code, so it waits until you trust the workspace.";
  if ((await vscode.window.showWarningMessage(message, MANAGE)) === MANAGE) {
    await vscode.commands.executeCommand("workbench.trust.manage");
  }
  return false;
}
