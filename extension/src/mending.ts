// The buttons beside a problem: what each says and the command it runs.

import * as vscode from "vscode";
import type { Mend, Problem } from "./problems.ts";

export const MENDS: Record<Mend, { title: string; command: string; argument?: string }> = {
  chooseInterpreter: { title: "Choose Python…", command: "tunesmith.chooseInterpreter" },
  install: { title: "Install…", command: "tunesmith.install" },
  manageTrust: { title: "Manage Workspace Trust", command: "workbench.trust.manage" },
  openSettings: { title: "Open Settings", command: "workbench.action.openSettings", argument: "tunesmith" },
  restart: { title: "Restart", command: "tunesmith.restart" },
  showLog: { title: "Show Log", command: "tunesmith.showLog" },
  stopDaemon: { title: "Stop the Old Daemon", command: "tunesmith.stopDaemon" },
};

/** Show a problem with its buttons, and do what the user picks. */
export async function showProblem(problem: Problem): Promise<void> {
  const titles = problem.mends.map((mend) => MENDS[mend].title);
  const picked = await vscode.window.showWarningMessage(`Tunesmith: ${problem.message}`, ...titles);
  const mend = problem.mends.find((one) => MENDS[one].title === picked);
  if (mend !== undefined) await runMend(mend);
}

export async function runMend(mend: Mend): Promise<void> {
  const { command, argument } = MENDS[mend];
  await vscode.commands.executeCommand(command, ...(argument === undefined ? [] : [argument]));
}
