// What a run would cost: asked of the server, which imports the program for it and calls no model.

import * as vscode from "vscode";
import type { Connection } from "../connection.ts";
import { type Estimate, RESTING_STATUSES, type RunDetail, type StartRun } from "../protocol.ts";

/** undefined where the user cancelled. Rejects with the reason where there is no estimate. */
export function estimate(connection: Connection, order: StartRun): Thenable<Estimate | undefined> {
  const options = {
    location: vscode.ProgressLocation.Notification,
    title: `Estimating what tuning ${order.target} costs`,
    cancellable: true,
  };
  return vscode.window.withProgress(options, async (progress, cancelled) => {
    progress.report({ message: "the program is imported, nothing is spent" });
    const { run_id } = await connection.request("tunesmith/startRun", { ...order, estimate_only: true });
    const run = { root: order.root, run_id };
    const ended = await untilOver(connection, run, cancelled);
    if (!ended) {
      await connection.request("tunesmith/cancelRun", run);
      return undefined;
    }
    return estimateOf(await connection.request("tunesmith/showRun", run));
  });
}

function estimateOf({ summary }: RunDetail): Estimate {
  const found = summary.report?.estimate;
  if (found) return found;
  const { error } = summary;
  throw new Error(
    error
      ? [error.where ? `${error.where}:` : "", error.message, error.next_step ?? ""].filter(Boolean).join(" ")
      : `The estimate was ${summary.status}.`,
  );
}

/** False where the user cancelled first. */
async function untilOver(
  connection: Connection,
  run: { root: string; run_id: string },
  cancelled: vscode.CancellationToken,
): Promise<boolean> {
  const listening: vscode.Disposable[] = [];
  const over = new Promise<boolean>((resolve) => {
    listening.push(
      cancelled.onCancellationRequested(() => resolve(false)),
      connection.onRunEvent(({ run_id, record }) => {
        if (run_id !== run.run_id || record.event.kind !== "status") return;
        if (RESTING_STATUSES.has(record.event.status)) resolve(true);
      }),
    );
  });
  try {
    await connection.request("tunesmith/watchRun", { ...run, after: 0 });
    return await over;
  } finally {
    for (const one of listening) one.dispose();
  }
}
