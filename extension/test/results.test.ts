// The results page in panels: what it is told, what answers it, what it saves.

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { ResultsServerGone } from "../page/embed/resultsServer.ts";
import { answering } from "../src/results/answering.ts";
import { ResultsPanels } from "../src/results/panels.ts";
import * as vscode from "./fakes/vscode.ts";

beforeEach(() => vscode.reset());

/** Servers that answer `before the end` questions each. */
function servers(endAfter: number) {
  const started: { asked: number; stopped: boolean }[] = [];
  const start = async () => {
    const server = { asked: 0, stopped: false };
    started.push(server);
    const ask = async (method: string) => {
      server.asked += 1;
      if (server.asked > endAfter) throw new ResultsServerGone("it has ended");
      if (method === "results/bad") throw new Error("There is no run bad.");
      return method;
    };
    return { ask, stop: () => (server.stopped = true) };
  };
  return { start, started };
}

function panels(start: () => ReturnType<ReturnType<typeof servers>["start"]>) {
  return new ResultsPanels(vscode.Uri.file("/extension") as never, start);
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

test("a server is started with the first question, and again where it ended", async () => {
  const { start, started } = servers(2);
  const { ask, stop } = answering(start);
  assert.equal(started.length, 0);
  for (const method of ["a", "b", "c"]) assert.equal(await ask(method, {}), method);
  assert.deepEqual(
    started.map((one) => one.asked),
    [3, 1],
  );
  stop();
  await settled();
  assert.equal(started[1]?.stopped, true);
  await assert.rejects(ask("d", {}), /was closed/);
  assert.equal(started.length, 2);
});

test("what no server can answer is said, once it was tried again", async () => {
  let tries = 0;
  const { ask } = answering(async () => {
    tries += 1;
    throw new ResultsServerGone("The language server is not running.");
  });
  await assert.rejects(ask("a", {}), /is not running/);
  assert.equal(tries, 2);
});

test("the next question starts what could not be started before", async () => {
  const { start } = servers(9);
  let isRunning = false;
  const { ask } = answering(async () => {
    if (!isRunning) throw new Error("The language server is not running.");
    return start();
  });
  await assert.rejects(ask("a", {}), /is not running/);
  isRunning = true;
  assert.equal(await ask("a", {}), "a");
});

test("a refused question is not asked again", async () => {
  const { start, started } = servers(9);
  await assert.rejects(answering(start).ask("results/bad", {}), /no run bad/);
  assert.equal(started[0]?.asked, 1);
});

test("one panel a folder: it opens at the run, and is told of the next", async () => {
  const { start } = servers(9);
  const results = panels(start);
  results.show("/w/desk", { kind: "open", run: "r1" });
  results.show("/w/desk", { kind: "compare", runs: ["r1", "r2"] });
  results.show("/w/other", { kind: "compare", runs: ["r1", "r2"] });
  const [desk, other] = vscode.user.panels;
  assert.deepEqual([desk?.title, desk?.revealed, vscode.user.panels.length], ["Results of desk", 1, 2]);
  assert.deepEqual(desk?.told, [{ kind: "compare", runs: ["r1", "r2"] }]);
  assert.match(desk?.webview.html ?? "", /data-route="#run=r1" data-root="\/w\/desk"/);
  assert.match(other?.webview.html ?? "", /data-route="#compare=r1%2Cr2"/);
  assert.match(desk?.webview.html ?? "", /src="https:\/\/webview.test\/extension\/dist\/page\/page.js"/);
  assert.deepEqual(desk?.webview.options.localResourceRoots?.map(String), ["file:///extension/dist/page"]);
  desk?.dispose();
  results.show("/w/desk", { kind: "open", run: "r1" });
  assert.equal(vscode.user.panels.length, 3);
});

test("its questions are answered, its files saved where the user says", async () => {
  const { start, started } = servers(9);
  const results = panels(start);
  results.show("/w", { kind: "open", run: "r1" });
  const [panel] = vscode.user.panels;
  vscode.user.places = ["/tmp/report.html", undefined];
  panel?.say({ kind: "request", id: 1, method: "results/list", params: {} });
  panel?.say({ kind: "request", id: 2, method: "results/bad", params: {} });
  for (const name of ["r1.html", "r2.html"]) panel?.say({ kind: "save", name, base64: btoa("<p>") });
  await settled();
  assert.deepEqual(panel?.told, [
    { kind: "answer", id: 1, result: "results/list" },
    { kind: "failure", id: 2, message: "There is no run bad.", gone: false },
  ]);
  assert.deepEqual(vscode.user.saved, { "/tmp/report.html": "<p>" });
  panel?.dispose();
  await settled();
  assert.equal(started[0]?.stopped, true);
});

test("a file that cannot be written is said", async () => {
  const { start } = servers(9);
  panels(start).show("/w", { kind: "open", run: "r1" });
  vscode.user.places = ["/readonly/report.html"];
  vscode.user.panels[0]?.say({ kind: "save", name: "r1.html", base64: btoa("<p>") });
  await settled();
  const message = "/readonly/report.html was not written (no permission). Save it elsewhere.";
  assert.deepEqual(vscode.user.shown, [{ kind: "error", message, buttons: [] }]);
});

test("a restored panel shows what it showed; one that remembers nothing is closed", async () => {
  const { start } = servers(9);
  const results = panels(start);
  const [known, lost] = [new vscode.WebviewPanel("Results"), new vscode.WebviewPanel("Results")];
  await results.deserializeWebviewPanel(known as never, { root: "/w", route: "#run=r7" });
  await results.deserializeWebviewPanel(lost as never, undefined);
  assert.match(known.webview.html, /data-route="#run=r7"/);
  assert.deepEqual([known.isDisposed, lost.isDisposed], [false, true]);
  results.dispose();
  assert.equal(known.isDisposed, true);
});
