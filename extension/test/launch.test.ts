import assert from "node:assert/strict";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { after, before, test } from "node:test";
import { findLaunch, type LaunchFacts } from "../src/launch.ts";
import type { Probe } from "../src/probe.ts";
import type { Run } from "../src/process.ts";

let home: string;
let python: string;
let tool: string;

before(() => {
  home = mkdtempSync(path.join(tmpdir(), "ts-"));
  // A tool of whoever runs this test is not looked for.
  process.env["HOME"] = home;
  python = path.join(home, "w/.venv/bin/python");
  tool = path.join(home, "bin/tunesmith");
  for (const file of [python, tool]) {
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, `#!${python}\nimport sys\n`);
    chmodSync(file, 0o755);
  }
});

after(() => rmSync(home, { recursive: true }));

const FIT: Probe = {
  python: "3.12",
  version: [3, 12],
  tunesmith: "0.1.0",
  dspy: "3.4.1",
  serves: true,
  works: true,
  pip: true,
};

function facts(changes: Partial<LaunchFacts> = {}): LaunchFacts {
  return {
    folder: path.join(home, "w"),
    setting: "",
    command: "",
    trusted: true,
    folders: [path.join(home, "w")],
    environment: {},
    extensions: { interpreterOf: async () => undefined, onDidChange: () => ({ dispose: () => undefined }) },
    ...changes,
  };
}

/** Every Python answers this; undefined: it is none. */
function answering(probe: Partial<Probe> | undefined): Run {
  const told = probe && `noise\nPROBE ${JSON.stringify({ ...FIT, ...probe })}\n`;
  return async () => ({ code: told ? 0 : 1, stdout: told ?? "", stderr: "" });
}

test("the folder's Python serves where it can", async () => {
  const found = await findLaunch(facts(), answering({}));
  assert.ok("args" in found);
  assert.equal(found.command, python);
  // -P: the current folder must not shadow modules.
  assert.deepEqual(found.args, ["-P", "-m", "tunesmith.server.serve_editor"]);
  assert.equal(found.from, "Python 3.12 (workspace)");
});

test("a tool serves where the Python cannot, and its script tells its Python", async () => {
  const found = await findLaunch(facts({ environment: { PATH: path.dirname(tool) } }), answering({ serves: false }));
  assert.ok("args" in found);
  assert.deepEqual([found.command, ...found.args], [tool, "lsp"]);
  assert.equal(found.python, python);
});

test("the setting outweighs both", async () => {
  const found = await findLaunch(facts({ command: tool }), answering({}));
  assert.ok("args" in found);
  assert.equal(found.command, tool);
});

test("what is missing is said, with what mends it", async () => {
  const cases: [string, Partial<LaunchFacts>, Partial<Probe> | undefined, RegExp, string][] = [
    ["no Python", { folder: path.join(home, "bare") }, {}, /No Python was found/, "chooseInterpreter"],
    ["a broken Python", {}, undefined, /could not be started/, "chooseInterpreter"],
    ["an old Python", {}, { python: "3.9", version: [3, 9] }, /is Python 3\.9; .* 3\.11 or newer/, "chooseInterpreter"],
    ["no tunesmith", {}, { serves: false }, /has no tunesmith\[server\] installed/, "install"],
    [
      "a setting of nothing",
      { setting: "/nowhere/python" },
      {},
      /tunesmith\.interpreter names \/nowhere/,
      "openSettings",
    ],
    ["a command of nothing", { command: "/nowhere/tunesmith" }, {}, /tunesmith\.path names \/nowhere/, "openSettings"],
    ["untrusted", { trusted: false }, {}, /until you trust the workspace/, "manageTrust"],
  ];
  for (const [name, given, probe, message, mend] of cases) {
    const found = await findLaunch(facts(given), answering(probe));
    assert.ok("mends" in found, name);
    assert.match(found.message, message, name);
    assert.equal(found.mends[0], mend, name);
  }
});

test("a wrong setting is said even where a tool could serve", async () => {
  const environment = { PATH: path.dirname(tool) };
  const found = await findLaunch(facts({ setting: "/nowhere/python", environment }), answering({}));
  assert.ok("mends" in found);
});
