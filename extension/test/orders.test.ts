// What a lens or a menu starts, and what keeps it from starting.

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { COMMANDS, showResults, takeOrder } from "../src/commands.ts";
import type { Session } from "../src/session.ts";
import type { Node } from "../src/views/nodes.ts";
import { FakeConnection } from "./fakes/connection.ts";
import { aReport, aRun, aTarget } from "./fakes/samples.ts";
import * as vscode from "./fakes/vscode.ts";

/** What the results page was asked to show. */
const SHOWN: unknown[] = [];

beforeEach(() => {
  vscode.reset();
  SHOWN.length = 0;
});

/** `python`: what a run is told; undefined: none can run it. */
function aSession(
  connection: FakeConnection,
  python: { interpreter?: string } | undefined = { interpreter: "/py" },
): Session {
  const runs = [aRun({ run_id: "live", status: "running" }), aRun({ report: aReport() })];
  const folders = [{ root: "/w", name: "w", targets: [aTarget()], modules: [], runs }];
  return {
    log: { error: () => undefined },
    server: { connection, start: async () => undefined, state: { kind: "starting" } },
    overview: { folders, refresh: async () => undefined, running: [] },
    pythons: { forRuns: async () => python },
    results: { show: (...shown: unknown[]) => SHOWN.push(shown) },
  } as unknown as Session;
}

const ORDER = { root: "/w", target: "desk" };

test("evaluate starts with the interpreter of this window", async () => {
  const connection = new FakeConnection();
  await takeOrder(aSession(connection), "tunesmith.evaluate", ORDER);
  const argument = { ...ORDER, interpreter: "/py" };
  assert.deepEqual(connection.commands, [{ command: "tunesmith.evaluate", argument }]);
});

test("nothing starts in a workspace that is not trusted", async () => {
  vscode.state.isTrusted = false;
  for (const command of ["tunesmith.tune", "tunesmith.evaluate"] as const) {
    vscode.user.presses = ["Manage Workspace Trust"];
    const connection = new FakeConnection();
    await takeOrder(aSession(connection), command, ORDER);
    assert.deepEqual([connection.commands, connection.asked], [[], []]);
    assert.match(vscode.user.shown.at(-1)?.message ?? "", /until you trust the workspace/);
    assert.equal(vscode.user.ran.at(-1)?.command, "workbench.trust.manage");
  }
});

test("nothing starts with a Python that cannot run it", async () => {
  const connection = new FakeConnection();
  const session = aSession(connection);
  session.pythons.forRuns = async () => undefined;
  await takeOrder(session, "tunesmith.evaluate", ORDER);
  assert.deepEqual(connection.commands, []);
});

test("what the server refuses is one sentence", async () => {
  const connection = new FakeConnection();
  connection.command = async () => Promise.reject(new Error("Run r1 is running. Wait for it."));
  await takeOrder(aSession(connection), "tunesmith.evaluate", ORDER);
  assert.deepEqual(vscode.user.shown, [{ kind: "error", message: "Run r1 is running. Wait for it.", buttons: [] }]);
});

test("a run's commands take the node, else the only run there is", async () => {
  const node: Node = { kind: "run", root: "/w", run: aRun({ run_id: "chosen" }) };
  const cases = [
    ["tunesmith.cancelRun", node, "tunesmith.cancel", "chosen"],
    ["tunesmith.cancelRun", undefined, "tunesmith.cancel", "live"],
    ["tunesmith.resumeRun", node, "tunesmith.resume", "chosen"],
    ["tunesmith.openReport", node, "tunesmith.showRun", "chosen"],
  ] as const;
  for (const [command, given, sent, run_id] of cases) {
    const connection = new FakeConnection();
    await COMMANDS[command]?.(aSession(connection), given);
    assert.deepEqual(connection.commands, [{ command: sent, argument: { root: "/w", run_id } }], command);
  }
});

test("results are shown at the node's run, the lens's, or the one that is picked", async () => {
  const session = aSession(new FakeConnection());
  await COMMANDS["tunesmith.showResults"]?.(session, { kind: "run", root: "/w", run: aRun({ run_id: "chosen" }) });
  await showResults(session, { root: "/w", run_id: "lens" });
  vscode.user.picks = [""];
  await COMMANDS["tunesmith.showResults"]?.(session, undefined);
  assert.deepEqual(
    SHOWN,
    ["chosen", "lens", "live"].map((run) => ["/w", { kind: "open", run }]),
  );
});

test("a run is compared with another, of its target first", async () => {
  const runs = [aRun({ run_id: "a" }), aRun({ run_id: "b", target: "other" }), aRun({ run_id: "c" })];
  const session = aSession(new FakeConnection());
  session.overview.folders = [{ root: "/w", name: "w", targets: [], modules: [], runs }];
  vscode.user.picks = [""];
  await COMMANDS["tunesmith.compareRuns"]?.(session, { kind: "run", root: "/w", run: aRun({ run_id: "a" }) });
  assert.equal(vscode.user.questions[0]?.labels.length, 2);
  assert.deepEqual(SHOWN, [["/w", { kind: "compare", runs: ["a", "c"] }]]);
  await COMMANDS["tunesmith.compareRuns"]?.(session, { kind: "run", root: "/w", run: aRun({ run_id: "a" }) });
  assert.equal(SHOWN.length, 1, "Escape");
});

test("without such a run it says so", async () => {
  const connection = new FakeConnection();
  await COMMANDS["tunesmith.resumeRun"]?.(aSession(connection), undefined);
  assert.deepEqual(connection.commands, []);
  assert.match(vscode.user.shown[0]?.message ?? "", /no such run/);
});

test("a result is applied through the preview, in the form the user picks", async () => {
  vscode.state.documents["/w/pyproject.toml"] = "";
  vscode.user.picks = ["Write the demos into the source"];
  const connection = new FakeConnection();
  const choices: object[] = [];
  connection.edit = async (...[choice]: unknown[]) => (choices.push(choice as object), {});
  await COMMANDS["tunesmith.applyRun"]?.(aSession(connection), undefined);
  assert.deepEqual(choices, [
    { root: "/w", run_id: "r1", form: "demos", predictor: null, uri: "file:///w/pyproject.toml", version: 7 },
  ]);
  assert.equal(connection.previews[0]?.label, "Write the demos into the source");
});
