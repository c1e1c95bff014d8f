import assert from "node:assert/strict";
import { test } from "node:test";
import { lacking, untrustedLaunch } from "../src/problems.ts";
import type { ServerState } from "../src/server.ts";
import { describeState } from "../src/statusItem.ts";
import { FakeConnection } from "./fakes/connection.ts";
import { aRun } from "./fakes/samples.ts";

const RUNNING: ServerState = {
  kind: "running",
  launch: { command: "/py", args: [], from: "Python 3.12 (workspace)", cli: ["tunesmith"], python: "/py" },
  daemon: {
    pid: 42,
    version: "0.1.0",
    protocol: 3,
    seconds: 1,
    socket: null,
    log: "",
    sessions: 1,
    running: [],
    queued: [],
  },
  connection: new FakeConnection(),
};

test("which Python, daemon, version and running job", () => {
  const calm = describeState(RUNNING, []);
  assert.deepEqual([calm.text, calm.detail], ["Tunesmith 0.1.0", "Python 3.12 (workspace) · daemon 42"]);
  assert.equal(calm.busy, false);
  const busy = describeState(RUNNING, [
    aRun({ status: "running", progress: "scoring 3/8" }),
    aRun({ status: "queued" }),
  ]);
  assert.equal(busy.detail, "Python 3.12 (workspace) · daemon 42 · desk: scoring 3/8 · desk: queued");
  assert.equal(busy.busy, true);
});

test("a problem is an error whose button mends it", () => {
  const cases = [
    [lacking("/py", ["tunesmith[server]"]), "tunesmith.install"],
    [untrustedLaunch(), "workbench.trust.manage"],
    [{ message: "Odd.", mends: [] }, "tunesmith.showStatus"],
  ] as const;
  for (const [problem, command] of cases) {
    const shown = describeState({ kind: "stopped", problem: { ...problem, mends: [...problem.mends] } }, []);
    assert.deepEqual([shown.severity, shown.detail, shown.command.command], ["error", problem.message, command]);
  }
});

test("waiting says what for", () => {
  const shown = describeState({ kind: "waiting", reason: "The daemon went away." }, []);
  assert.deepEqual([shown.severity, shown.detail], ["warning", "starting again: The daemon went away."]);
});
