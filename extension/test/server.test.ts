import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";
import { FIRST_MS, HEALTHY_MS, LONGEST_MS, waitAfter } from "../src/backoff.ts";
import type { Connection } from "../src/connection.ts";
import type { Launch } from "../src/launch.ts";
import { noPython, stoppedByUser, type Problem } from "../src/problems.ts";
import { PROTOCOL_VERSION, type DaemonStatus } from "../src/protocol.ts";
import { Server, type ServerState } from "../src/server.ts";
import { FakeConnection } from "./fakes/connection.ts";

const LAUNCH: Launch = { command: "python", args: [], from: "", cli: ["tunesmith"], python: "python" };

function daemon(changes: Partial<DaemonStatus> = {}): DaemonStatus {
  const status = {
    pid: 1,
    version: "0.1.0",
    protocol: PROTOCOL_VERSION,
    seconds: 0,
    socket: null,
    log: "",
    sessions: 1,
  };
  return { ...status, running: [], queued: [], ...changes };
}

/** Each start takes the next of `starts`: a daemon's status, or why it did not start. */
function aServer(starts: (DaemonStatus | Error)[], find: () => Launch | Problem = () => LAUNCH) {
  const kinds: string[] = [];
  const connections: FakeConnection[] = [];
  const closings: ((reason: string) => void)[] = [];
  let state: ServerState = { kind: "idle" };
  const server = new Server({
    find: async () => find(),
    connect: async (_, onClosed): Promise<Connection> => {
      const next = starts.shift() ?? new Error("no more starts");
      if (next instanceof Error) throw next;
      const connection = new FakeConnection({ "tunesmith/status": () => next });
      connections.push(connection);
      closings.push(onClosed);
      return connection;
    },
    onState: (now) => {
      state = now;
      kinds.push(now.kind);
    },
  });
  return { server, kinds, connections, closings, state: () => state };
}

beforeEach(() => mock.timers.enable({ apis: ["setTimeout", "Date"] }));
afterEach(() => mock.timers.reset());

/** Let the restart that a timer began come to its end. */
async function pass(ms: number, server: Server): Promise<void> {
  mock.timers.tick(ms);
  await server.start();
}

test("it starts once, however often it is asked to", async () => {
  const { server, kinds, connections } = aServer([daemon()]);
  await Promise.all([server.start(), server.start(), server.start()]);
  assert.deepEqual(kinds, ["starting", "running"]);
  assert.equal(server.connection, connections[0]);
});

test("several causes make one restart, and the old connection is ended first", async () => {
  const { server, kinds, connections } = aServer([daemon(), daemon({ pid: 2 })]);
  await server.start();
  await Promise.all([server.restart(), server.restart()]);
  assert.deepEqual(kinds, ["starting", "running", "starting", "running"]);
  assert.deepEqual(
    connections.map((one) => one.stopped),
    [true, false],
  );
});

test("a choice that changes nothing restarts nothing", async () => {
  let launch = LAUNCH;
  const { server, kinds } = aServer([daemon(), daemon()], () => launch);
  await server.restartIfMoved();
  assert.deepEqual(kinds, [], "it was never started");
  await server.start();
  launch = { ...LAUNCH };
  await server.restartIfMoved();
  assert.deepEqual(kinds, ["starting", "running"]);
  launch = { ...LAUNCH, command: "other" };
  await server.restartIfMoved();
  assert.deepEqual(kinds, ["starting", "running", "starting", "running"]);
});

test("a problem stops it, and a restart looks again", async () => {
  const problems: (Launch | Problem)[] = [noPython(), LAUNCH];
  const { server, kinds } = aServer([daemon()], () => problems.shift() ?? LAUNCH);
  await server.start();
  assert.deepEqual(server.state, { kind: "stopped", problem: noPython() });
  await server.restart();
  assert.deepEqual(kinds, ["starting", "stopped", "starting", "running"]);
});

test("a server that goes away is started again, each time a little later", async () => {
  const { server, closings, state } = aServer([daemon(), daemon({ pid: 2 }), daemon({ pid: 3 })]);
  await server.start();
  closings[0]?.("The daemon went away.");
  assert.deepEqual(state(), { kind: "waiting", reason: "The daemon went away." });
  await pass(FIRST_MS - 1, server);
  assert.equal(state().kind, "waiting");
  await pass(1, server);
  assert.equal(state().kind, "running");
  closings[1]?.("again");
  await pass(2 * FIRST_MS - 1, server);
  assert.equal(state().kind, "waiting");
  await pass(1, server);
  assert.equal(state().kind, "running");
});

test("one that served for a while is healthy: it is started again at once", async () => {
  const { server, closings, state } = aServer([daemon(), daemon(), daemon()]);
  await server.start();
  closings[0]?.("first");
  await pass(FIRST_MS, server);
  mock.timers.tick(HEALTHY_MS);
  closings[1]?.("much later");
  await pass(FIRST_MS, server);
  assert.equal(state().kind, "running");
});

test("three starts without an answer are enough", async () => {
  const failed = new Error("The tunesmith daemon did not start: no space.");
  const { server, kinds, state } = aServer([failed, failed, failed, daemon()]);
  await server.start();
  await pass(waitAfter(1), server);
  await pass(waitAfter(2), server);
  assert.deepEqual(kinds, ["starting", "waiting", "starting", "waiting", "starting", "stopped"]);
  const { problem } = state() as ServerState & { kind: "stopped" };
  assert.match(problem.message, /no space/);
  assert.deepEqual(problem.mends, ["restart", "showLog"]);
  await pass(LONGEST_MS, server);
  assert.equal(state().kind, "stopped", "nothing happens by itself any more");
});

test("a daemon that must be stopped first says so", async () => {
  const mismatch = new Error("The running daemon is tunesmith 0.0.9. Run `tunesmith daemon stop`, then try again.");
  const { server, state } = aServer([mismatch, mismatch, mismatch]);
  await server.start();
  await pass(waitAfter(1), server);
  await pass(waitAfter(2), server);
  assert.deepEqual((state() as ServerState & { kind: "stopped" }).problem.mends, ["stopDaemon", "showLog"]);
});

test("another protocol is refused in a sentence that says which side is older", async () => {
  for (const [theirs, step] of [
    [PROTOCOL_VERSION - 1, "Update tunesmith there"],
    [PROTOCOL_VERSION + 1, "Update this extension"],
  ] as const) {
    const { server, connections, state } = aServer([daemon({ protocol: theirs })]);
    await server.start();
    assert.match((state() as ServerState & { kind: "stopped" }).problem.message, new RegExp(step));
    assert.equal(connections[0]?.stopped, true);
  }
});

test("stopped by the user it stays stopped, until it is asked for", async () => {
  const { server, closings, state } = aServer([daemon(), daemon()]);
  await server.start();
  await server.stop(stoppedByUser());
  closings[0]?.("The daemon went away.");
  await pass(LONGEST_MS, server);
  assert.equal(state().kind, "stopped");
  await server.restart();
  assert.equal(state().kind, "running");
});

test("waits double up to the longest", () => {
  assert.deepEqual([1, 2, 3].map(waitAfter), [FIRST_MS, 2 * FIRST_MS, 4 * FIRST_MS]);
  assert.equal(waitAfter(40), LONGEST_MS);
});
