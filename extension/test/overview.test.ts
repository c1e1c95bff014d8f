import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";
import type { LogOutputChannel } from "vscode";
import { Overview } from "../src/overview.ts";
import type { RunSummary } from "../src/protocol.ts";
import { FakeConnection } from "./fakes/connection.ts";
import { aModule, aRun, aTarget } from "./fakes/samples.ts";
import * as vscode from "./fakes/vscode.ts";

const log = { warn: () => undefined } as unknown as LogOutputChannel;

beforeEach(() => {
  vscode.reset();
  vscode.state.folders = [{ name: "w", uri: vscode.Uri.file("/w") }];
  mock.timers.enable({ apis: ["setTimeout"] });
});
afterEach(() => mock.timers.reset());

/** `runs`: what is there at each look. */
function aConnection(runs: () => RunSummary[]): FakeConnection {
  return new FakeConnection({
    "tunesmith/targets": () => ({ targets: [aTarget()] }),
    "tunesmith/index": () => ({
      files: 1,
      signatures: [],
      modules: [aModule()],
      metrics: [],
      datasets: [],
      compiles: [],
      loads: [],
    }),
    "tunesmith/listRuns": () => ({ runs: runs() }),
    "tunesmith/watchRun": () => ({}),
  });
}

const times = (connection: FakeConnection, method: string) =>
  connection.asked.filter((one) => one.method === method).length;

async function followed(connection: FakeConnection): Promise<Overview> {
  const overview = new Overview(log);
  overview.follow(connection);
  await overview.refresh();
  return overview;
}

test("what is asked for at once is asked for once more at most", async () => {
  const connection = aConnection(() => []);
  const overview = new Overview(log);
  overview.follow(connection);
  await Promise.all(Array.from({ length: 20 }, () => overview.refresh()));
  assert.equal(times(connection, "tunesmith/listRuns"), 2);
});

test("a run that goes on is followed, once", async () => {
  const connection = aConnection(() => [aRun({ status: "running" }), aRun({ run_id: "old" })]);
  const overview = await followed(connection);
  assert.equal(times(connection, "tunesmith/watchRun"), 1);
  assert.equal(overview.running.length, 1);
});

test("progress is shown, a burst of it as one change", async () => {
  const connection = aConnection(() => [aRun({ status: "running" })]);
  const overview = await followed(connection);
  let changes = 0;
  overview.onDidChange(() => (changes += 1));
  for (const done of [1, 2, 3]) connection.tell("r1", { kind: "progress", phase: "scoring", done, total: 8, text: "" });
  assert.equal(changes, 0);
  mock.timers.tick(200);
  assert.equal(changes, 1);
  assert.equal(overview.running[0]?.progress, "scoring 3/8");
});

test("a new status is looked up", async () => {
  const runs = [aRun({ status: "running" })];
  const connection = aConnection(() => runs);
  const overview = await followed(connection);
  runs[0] = aRun({ status: "finished" });
  connection.tell("r1", { kind: "status", status: "finished" });
  await overview.refresh();
  assert.deepEqual(overview.running, [], "asked after the event");
});

test("what was known stays in sight while the server is away or fails", async () => {
  let fails = false;
  const connection = aConnection(() => {
    if (fails) throw new Error("busy");
    return [aRun()];
  });
  const overview = await followed(connection);
  fails = true;
  await overview.refresh();
  assert.equal(overview.folders[0]?.runs.length, 1);
  overview.follow(undefined);
  await overview.refresh();
  assert.equal(overview.folders.length, 1);
});
