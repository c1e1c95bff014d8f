// What the commands of one run do: of the tree's node they are called on, else of the run the user picks.

import * as vscode from "vscode";
import { applyRun } from "./apply.ts";
import { connected } from "./connected.ts";
import type { Connection } from "./connection.ts";
import type { FolderPicture } from "./overview.ts";
import type { RunSummary } from "./protocol.ts";
import type { Session } from "./session.ts";
import { isTrusted } from "./trust.ts";
import { runContext, type Node } from "./views/nodes.ts";
import { describeAge, describeOutcome, endOf } from "./wording.ts";

interface Chosen {
  folder: FolderPicture;
  run: RunSummary;
}

type Act = (session: Session, connection: Connection, chosen: Chosen) => Promise<unknown>;

/** Contexts of the runs that go on. */
export const LIVE = ["run.running", "run.queued"];

/** `contexts`: of the runs it is for; all where none are given. */
export async function withRun(
  session: Session,
  node: Node | undefined,
  act: Act,
  contexts?: readonly string[],
): Promise<void> {
  const connection = await connected(session);
  if (connection === undefined) return;
  const chosen = node?.kind === "run" ? found(session, node.root, node.run) : await pickRun(session, contexts);
  if (chosen !== undefined) await act(session, connection, chosen);
  await session.overview.refresh();
}

export const cancel: Act = (_, connection, { folder, run }) =>
  connection.command("tunesmith.cancel", { root: folder.root, run_id: run.run_id });

export const resume: Act = async (_, connection, { folder, run }) =>
  (await isTrusted()) && connection.command("tunesmith.resume", { root: folder.root, run_id: run.run_id });

export const apply: Act = (_, connection, { folder, run }) => applyRun(connection, folder, run);

export const show: Act = async ({ results }, _, { folder, run }) =>
  results.show(folder.root, { kind: "open", run: run.run_id });

export const compare: Act = async ({ results }, _, { folder, run }) => {
  const others = folder.runs.filter((one) => one.run_id !== run.run_id);
  // Those of the same target are most often meant.
  const likely = [...others.filter((one) => one.target === run.target), ...others];
  const answers = [...new Set(likely)].map((one) => ({ folder, run: one }));
  const chosen = await ask(answers, `Compare ${run.target} · ${run.optimizer} with which run?`);
  if (chosen !== undefined) results.show(folder.root, { kind: "compare", runs: [run.run_id, chosen.run.run_id] });
};

/** Its report as text. */
export const openReport: Act = (_, connection, { folder, run }) =>
  connection.command("tunesmith.showRun", { root: folder.root, run_id: run.run_id });

function found(session: Session, root: string, run: RunSummary): Chosen | undefined {
  const folder = session.overview.folders.find((one) => one.root === root);
  return folder && { folder, run };
}

async function pickRun(session: Session, contexts: readonly string[] | undefined): Promise<Chosen | undefined> {
  await session.overview.refresh();
  const runs = session.overview.folders.flatMap((folder) => folder.runs.map((run) => ({ folder, run })));
  const fitting = runs.filter(({ run }) => contexts === undefined || contexts.includes(runContext(run)));
  return fitting.length === 1 && contexts !== undefined ? fitting[0] : ask(fitting, "Which run?");
}

async function ask(runs: readonly Chosen[], placeHolder: string): Promise<Chosen | undefined> {
  if (runs.length === 0) {
    void vscode.window.showInformationMessage("Tunesmith: there is no such run in this workspace.");
    return undefined;
  }
  const answers = runs.map((one) => ({
    label: `${one.run.target} · ${one.run.optimizer}`,
    description: describeAge(Date.now() / 1000 - endOf(one.run)),
    detail: describeOutcome(one.run),
    one,
  }));
  return (await vscode.window.showQuickPick(answers, { placeHolder, matchOnDetail: true }))?.one;
}
