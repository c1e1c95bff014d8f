// The palette and the menus: what each command does. Arguments are nodes of the tree; without one, the user picks.

import * as vscode from "vscode";
import { chooseInterpreter } from "./chooseInterpreter.ts";
import { connected } from "./connected.ts";
import type { Choice } from "./connection.ts";
import { openExample } from "./example.ts";
import { PREVIEW_COMMAND } from "./preview.ts";
import { stoppedByUser } from "./problems.ts";
import { run as runProgram } from "./process.ts";
import type { RunRef, StartRun } from "./protocol.ts";
import { apply, cancel, compare, LIVE, openReport, resume, show, withRun } from "./runCommands.ts";
import type { Session } from "./session.ts";
import { showStatus } from "./showStatus.ts";
import { isTrusted } from "./trust.ts";
import { programSubject, type Subject } from "./tune/choices.ts";
import { tune } from "./tune/flow.ts";
import type { Node } from "./views/nodes.ts";

type Command = (session: Session, node: Node | undefined) => Promise<unknown>;

export const COMMANDS: Record<string, Command> = {
  "tunesmith.tuneTarget": tuneTarget,
  "tunesmith.evaluateTarget": evaluateTarget,
  "tunesmith.cancelRun": (session, node) => withRun(session, node, cancel, LIVE),
  "tunesmith.resumeRun": (session, node) => withRun(session, node, resume, ["run.resumable"]),
  "tunesmith.applyRun": (session, node) => withRun(session, node, apply, ["run.shipped"]),
  "tunesmith.showResults": (session, node) => withRun(session, node, show),
  "tunesmith.compareRuns": (session, node) => withRun(session, node, compare),
  "tunesmith.openReport": (session, node) => withRun(session, node, openReport),
  "tunesmith.copyRunId": async (_, node) => node?.kind === "run" && vscode.env.clipboard.writeText(node.run.run_id),
  "tunesmith.refresh": (session) => session.overview.refresh(),
  "tunesmith.install": async ({ pythons, server }) => (await pythons.install(undefined)) && server.restart(),
  "tunesmith.chooseInterpreter": () => chooseInterpreter(),
  "tunesmith.restart": ({ server }) => server.restart(),
  "tunesmith.stopDaemon": stopDaemon,
  "tunesmith.showStatus": showStatus,
  "tunesmith.showLog": async ({ log }) => log.show(),
  "tunesmith.openExample": async (session) => {
    await session.server.start();
    const { launch } = session.server;
    return launch === undefined ? showStatus(session) : openExample(launch);
  },
};

/** What a command could not do is one sentence, of the server where it has one. */
export function registerCommands(session: Session): vscode.Disposable {
  const registered = Object.entries(COMMANDS).map(([id, command]) =>
    vscode.commands.registerCommand(id, (node?: Node) => told(session, () => command(session, node))),
  );
  const previewing = vscode.commands.registerCommand(PREVIEW_COMMAND, (choice: Choice, label: string) =>
    told(session, () => previewChoice(session, choice, label)),
  );
  return vscode.Disposable.from(...registered, previewing);
}

/** A code action, whose edit is composed now. */
async function previewChoice(session: Session, choice: Choice, label: string): Promise<void> {
  const connection = await connected(session);
  if (connection !== undefined) await connection.preview(await connection.edit(choice), label);
}

/** A lens or a code action: "tune" asks first, "evaluate" starts. */
export function takeOrder(
  session: Session,
  command: "tunesmith.tune" | "tunesmith.evaluate",
  order: StartRun,
): Promise<void> {
  return told(session, async () => {
    await session.overview.refresh();
    const folder = session.overview.folders.find((one) => one.root === order.root);
    const target = folder?.targets.find((one) => one.name === order.target);
    if (command === "tunesmith.tune" && target !== undefined) {
      await tuneSubject(session, order.root, { kind: "target", target });
    } else {
      await start(session, command, order);
    }
  });
}

/** A lens: the results page, at its run. */
export function showResults(session: Session, { root, run_id }: RunRef): Promise<void> {
  return told(session, async () => session.results.show(root, { kind: "open", run: run_id }));
}

async function told(session: Session, work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    session.log.error(message);
    void vscode.window.showErrorMessage(message);
  }
}

async function tuneTarget(session: Session, node: Node | undefined): Promise<void> {
  if (node?.kind === "target") await tuneSubject(session, node.root, { kind: "target", target: node.target });
  else if (node?.kind === "module") await tuneSubject(session, node.root, programSubject(node.module));
  else await tuneSubject(session, undefined, undefined);
}

async function tuneSubject(session: Session, root: string | undefined, subject: Subject | undefined): Promise<void> {
  if (!(await isTrusted())) return;
  const connection = await connected(session);
  if (connection === undefined) return;
  const interpreterFor = (folder: string) => session.pythons.forRuns(folder);
  await tune({ connection, overview: session.overview, interpreterFor }, root, subject);
}

async function evaluateTarget(session: Session, node: Node | undefined): Promise<void> {
  if (node?.kind === "target") {
    await start(session, "tunesmith.evaluate", { root: node.root, target: node.target.name });
    return;
  }
  if ((await connected(session)) === undefined) return;
  await session.overview.refresh();
  const answers = session.overview.folders.flatMap(({ root, targets }) =>
    targets.map((target) => ({ label: target.name, description: `${target.file}:${target.line}`, root })),
  );
  const picked = await vscode.window.showQuickPick(answers, { placeHolder: "What do you want to evaluate?" });
  if (picked !== undefined) await start(session, "tunesmith.evaluate", { root: picked.root, target: picked.label });
}

async function start(
  session: Session,
  command: "tunesmith.tune" | "tunesmith.evaluate",
  order: StartRun,
): Promise<void> {
  if (!(await isTrusted())) return;
  const connection = await connected(session);
  const python = connection && (await session.pythons.forRuns(order.root));
  if (connection && python) await connection.command(command, { ...order, ...python });
  await session.overview.refresh();
}

async function stopDaemon({ server, log }: Session): Promise<void> {
  if (server.connection !== undefined) {
    await server.connection.request("tunesmith/stop", {});
    await server.stop(stoppedByUser());
    return;
  }
  const [command, ...args] = server.launch?.cli ?? [];
  if (command === undefined) return;
  // One that speaks another protocol is only reached by its process.
  const { stdout, stderr } = await runProgram(command, [...args, "daemon", "stop"]);
  log.info(`${stdout}${stderr}`.trim());
  await server.restart();
}
