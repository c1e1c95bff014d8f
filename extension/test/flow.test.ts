import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import type { Overview } from "../src/overview.ts";
import type { Estimate, IndexReport } from "../src/protocol.ts";
import type { Subject } from "../src/tune/choices.ts";
import { tune } from "../src/tune/flow.ts";
import { FakeConnection } from "./fakes/connection.ts";
import { aModule, aReport, aRun, aTarget } from "./fakes/samples.ts";
import * as vscode from "./fakes/vscode.ts";

const INDEX: IndexReport = {
  files: 1,
  signatures: [],
  modules: [aModule()],
  metrics: [{ name: "near", file: "near.py", line: 1 }],
  datasets: [],
  compiles: [],
  loads: [],
};
const ESTIMATE: Estimate = {
  optimizer: "bootstrap-fewshot",
  train: 10,
  val: 8,
  program_calls: 36,
  calls_per_program: 2,
  prompt_calls: 0,
  lm_calls: 72,
  prompt_tokens: 1000,
  completion_tokens: 100,
  usd: 0,
  seconds: 60,
  basis: ["price: models on this machine cost nothing"],
};
/** Enter, four times: what is preset. */
const DEFAULTS = ["", "", "", ""];

beforeEach(() => vscode.reset());

/** `ends`: how the estimating run ends. */
function aConnection(ends: "finished" | "failed" = "finished"): FakeConnection {
  const report = aReport({ baseline: null, tuned: null, gain: null, estimate: ESTIMATE });
  const error = { message: "No module named x.", where: "a.py:1", next_step: "Install x." };
  const summary = ends === "finished" ? aRun({ report }) : aRun({ status: "failed", error });
  const connection: FakeConnection = new FakeConnection({
    "tunesmith/index": () => INDEX,
    "tunesmith/startRun": () => ({ run_id: "e1", run_dir: "" }),
    "tunesmith/watchRun": () => {
      connection.tell("someone else's", { kind: "status", status: "finished" });
      connection.tell("e1", { kind: "status", status: "running" });
      if (!vscode.user.cancelsProgress) connection.tell("e1", { kind: "status", status: ends });
      return {};
    },
    "tunesmith/cancelRun": () => ({}),
    "tunesmith/showRun": () => ({ summary, artifact: null, candidates: [], events: [], rollouts: [], calls: [] }),
  });
  return connection;
}

async function run(connection: FakeConnection, subject: Subject | undefined = { kind: "target", target: aTarget() }) {
  const folders = [{ root: "/w", name: "w", targets: [aTarget()], modules: [aModule()], runs: [] }];
  const overview = { folders, refresh: async () => undefined } as unknown as Overview;
  await tune({ connection, overview, interpreterFor: async () => ({ interpreter: "/py" }) }, "/w", subject);
}

const orders = (connection: FakeConnection) =>
  connection.asked.filter((one) => one.method === "tunesmith/startRun").map((one) => one.params);

test("Enter all the way tunes the target as it says, after the estimate", async () => {
  vscode.user.picks = [...DEFAULTS];
  vscode.user.presses = ["Start"];
  const connection = aConnection();
  await run(connection);
  const order = { root: "/w", target: "desk", optimizer: "bootstrap-fewshot", budget: {}, interpreter: "/py" };
  assert.deepEqual(orders(connection), [{ ...order, estimate_only: true }]);
  assert.deepEqual(connection.commands, [{ command: "tunesmith.tune", argument: order }]);
  const [shown] = vscode.user.shown;
  assert.equal(shown?.message, "Tune desk with bootstrap-fewshot?");
  assert.match(shown?.detail ?? "", /Cost: free of charge[^]*on this machine cost nothing/);
  assert.equal(connection.previews.length, 0);
});

test("nothing starts where the user leaves", async () => {
  const cases: [string, (string | undefined)[], (string | undefined)[], boolean][] = [
    ["at the first question", [undefined], [], false],
    ["at the last question", ["", "", "", undefined], [], false],
    ["at the estimate", DEFAULTS, [undefined], false],
    ["while estimating", DEFAULTS, [], true],
  ];
  for (const [name, picks, presses, cancels] of cases) {
    vscode.reset();
    Object.assign(vscode.user, { picks: [...picks], presses: [...presses], cancelsProgress: cancels });
    const connection = aConnection();
    await run(connection);
    assert.deepEqual(connection.commands, [], name);
    const cancelled = connection.asked.some((one) => one.method === "tunesmith/cancelRun");
    assert.equal(cancelled, cancels, name);
  }
});

test("an estimate that fails is an error with its place and next step", async () => {
  vscode.user.picks = [...DEFAULTS];
  await assert.rejects(run(aConnection("failed")), { message: "a.py:1: No module named x. Install x." });
});

test("one can go back, and change everything after the estimate", async () => {
  // Instructions, heavy, back twice to the optimizer; demos; then change, and Enter again.
  vscode.user.picks = ["Instructions and demos (MIPROv2)", "Heavy", "", "Back", "Back", ...DEFAULTS, ...DEFAULTS];
  vscode.user.presses = ["Change…", "Start"];
  const connection = aConnection();
  await run(connection);
  assert.equal(orders(connection).length, 2);
  assert.equal(connection.commands.length, 1);
  // What was chosen before is preset.
  const optimizers = vscode.user.questions.filter((question) => question.placeholder === "What should change?");
  assert.deepEqual(
    optimizers.map((question) => question.active),
    ["Demos (BootstrapFewShot)", "Demos (BootstrapFewShot)", "Demos (BootstrapFewShot)"],
  );
});

test("an effort and a cap go into the order", async () => {
  vscode.user.picks = ["Instructions and demos (MIPROv2)", "Medium", "", "", "At most … dollars"];
  vscode.user.types = ["0.5"];
  vscode.user.presses = ["Start"];
  const connection = aConnection();
  await run(connection);
  assert.deepEqual(connection.commands[0]?.argument, {
    root: "/w",
    target: "desk",
    optimizer: "mipro-v2",
    options: { auto: "medium" },
    budget: { max_usd: 0.5 },
    interpreter: "/py",
  });
});

test("another metric makes a target of its own, shown before it is written", async () => {
  vscode.state.documents["/w/pyproject.toml"] = "[project]\n";
  vscode.user.picks = ["", "near", "", ""];
  vscode.user.presses = ["Start"];
  const connection = aConnection();
  await run(connection);
  const [preview] = connection.previews;
  assert.equal(preview?.label, "Add the target desk-2");
  assert.match(JSON.stringify(preview?.edit), /targets\.desk-2[^]*near\.py:near/);
  assert.equal((connection.commands[0]?.argument as { target: string }).target, "desk-2");
});

test("a program without a target gets one; discarded, nothing runs", async () => {
  vscode.state.files = ["/w/data/train.jsonl"];
  vscode.user.picks = ["", "near", "data/train.jsonl", ""];
  const connection = aConnection();
  connection.acceptsPreview = false;
  await run(connection, { kind: "program", name: "BikeDesk", reference: "bike_desk.py:BikeDesk" });
  assert.deepEqual(connection.previews[0]?.edit.documentChanges?.[0], {
    kind: "create",
    uri: "file:///w/pyproject.toml",
  });
  assert.deepEqual(orders(connection), []);
});

test("a script is run only after the user agreed", async () => {
  const local = {
    kind: "target",
    target: aTarget({ kind: "compile", importable: false, file: "tune.py", line: 25 }),
  } as const;
  for (const [pressed, started] of [
    [undefined, false],
    ["Run the Script", true],
  ] as const) {
    vscode.reset();
    vscode.user.picks = [...DEFAULTS];
    vscode.user.presses = [pressed, "Start"];
    const connection = aConnection();
    await run(connection, local);
    assert.equal(vscode.user.shown[0]?.message, "Run tune.py up to line 25?");
    assert.equal(connection.commands.length, started ? 1 : 0);
    assert.equal(
      orders(connection).every((order) => "confirmed_capture" in order),
      true,
    );
  }
});
