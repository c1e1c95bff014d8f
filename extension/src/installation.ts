// Offering to install: what would change is worked out and shown first, and nothing changes before the user says so.

import * as vscode from "vscode";
import { install, InstallError, planInstall, REQUIREMENT, type Change, type Plan } from "./pip.ts";
import type { Probe } from "./probe.ts";
import type { Run } from "./process.ts";

const INSTALL = "Install";
const LISTED = 25;

/** True once it is installed. */
export async function offerInstall(
  python: string,
  has: Probe,
  uv: string | undefined,
  run: Run,
  log: vscode.LogOutputChannel,
): Promise<boolean> {
  try {
    const plan = await withProgress(`Looking at what ${REQUIREMENT} would change in ${python}`, (signal) =>
      planInstall(python, has.pip, uv, run, signal),
    );
    try {
      return await agreeAndInstall(python, plan, run, log);
    } finally {
      await plan.forget();
    }
  } catch (error) {
    if (!(error instanceof InstallError)) throw error;
    log.error(`Installing into ${python}: ${error.message}`);
    void vscode.window.showErrorMessage(`Tunesmith could not be installed into ${python}: ${error.message}`);
    return false;
  }
}

async function agreeAndInstall(python: string, plan: Plan, run: Run, log: vscode.LogOutputChannel): Promise<boolean> {
  if (plan.changes.length === 0) {
    void vscode.window.showInformationMessage(`${python} has ${REQUIREMENT} already, in its newest version.`);
    return true;
  }
  const replaced = plan.changes.filter((change) => change.from !== null).length;
  const button = replaced === 0 ? INSTALL : `${INSTALL} and Change ${replaced} Package${replaced > 1 ? "s" : ""}`;
  const options = { modal: true, detail: describeChanges(plan.changes) };
  const ask = replaced === 0 ? vscode.window.showInformationMessage : vscode.window.showWarningMessage;
  if ((await ask(`Install ${REQUIREMENT} into ${python}?`, options, button)) !== button) return false;
  await withProgress(`Installing ${REQUIREMENT} into ${python}`, (signal) =>
    install(plan, run, signal, (text) => log.info(text)),
  );
  return true;
}

/** What is replaced comes first: it is what might break something. */
export function describeChanges(changes: readonly Change[]): string {
  const replaced = changes.filter((change) => change.from !== null);
  const added = changes.filter((change) => change.from === null);
  const rest = added.length - LISTED;
  const names = added.slice(0, LISTED).map((one) => `${one.name} ${one.to}`);
  return [
    replaced.length === 0 ? "Nothing that is installed there changes." : "Changed:",
    ...replaced.map((one) => `  ${one.name} ${one.from} → ${one.to}`),
    ...(added.length > 0 ? ["", `Added: ${names.join(", ")}${rest > 0 ? `, and ${rest} more` : ""}`] : []),
  ].join("\n");
}

function withProgress<T>(title: string, work: (signal: AbortSignal) => Promise<T>): Thenable<T> {
  const options = { location: vscode.ProgressLocation.Notification, title, cancellable: true };
  return vscode.window.withProgress(options, (_, cancelled) => {
    const controller = new AbortController();
    cancelled.onCancellationRequested(() => controller.abort());
    return work(controller.signal);
  });
}
