// Which Python: asked by the Python extension where there is one, else here.

import * as vscode from "vscode";

export async function chooseInterpreter(): Promise<void> {
  if (vscode.extensions.getExtension("ms-python.python") !== undefined) {
    await vscode.commands.executeCommand("python.setInterpreter");
    return;
  }
  const settings = vscode.workspace.getConfiguration("tunesmith");
  const typed = await vscode.window.showInputBox({
    title: "Python interpreter",
    prompt: "Path of the Python that has dspy, or empty to have one found",
    value: settings.get("interpreter", ""),
    placeHolder: "~/project/.venv/bin/python",
    ignoreFocusOut: true,
  });
  if (typed === undefined) return;
  const inWorkspace = vscode.workspace.workspaceFolders !== undefined && vscode.workspace.isTrusted;
  const where = inWorkspace ? vscode.ConfigurationTarget.Workspace : vscode.ConfigurationTarget.Global;
  await settings.update("interpreter", typed === "" ? undefined : typed, where);
}
