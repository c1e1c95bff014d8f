import assert from "node:assert/strict";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import * as path from "node:path";
import { after, before, test } from "node:test";
import { expand, findInterpreter, type InterpreterFacts } from "../src/interpreter.ts";

let home: string;
const at = (...parts: string[]) => path.join(home, ...parts);

before(() => {
  home = mkdtempSync(path.join(tmpdir(), "ts-"));
  for (const file of ["w/.venv/bin/python", "w/odd/python", "bare/readme", "bin/python3", "bin/mine", "out/python"]) {
    mkdirSync(path.dirname(at(file)), { recursive: true });
    writeFileSync(at(file), "");
    chmodSync(at(file), file === "bare/readme" ? 0o644 : 0o755);
  }
});

after(() => rmSync(home, { recursive: true }));

function facts(changes: Partial<InterpreterFacts> & { chosen?: string }): InterpreterFacts {
  const { chosen, ...rest } = changes;
  return {
    folder: at("w"),
    setting: "",
    trusted: true,
    folders: [at("w")],
    environment: { PATH: ["", "relative", at("none"), at("bin")].join(path.delimiter) },
    extensions: { interpreterOf: async () => chosen, onDidChange: () => ({ dispose: () => undefined }) },
    ...rest,
  };
}

test("the first of setting, extension, virtual environment, PATH", async () => {
  const cases: [string, Parameters<typeof facts>[0], unknown][] = [
    ["setting", { setting: at("out/python"), chosen: "/chosen" }, { path: at("out/python"), source: "setting" }],
    ["relative setting", { setting: "odd/python" }, { path: at("w/odd/python"), source: "setting" }],
    ["variable", { setting: "${workspaceFolder}/odd/python" }, { path: at("w/odd/python"), source: "setting" }],
    ["name on the PATH", { setting: "mine" }, { path: at("bin/mine"), source: "setting" }],
    ["missing", { setting: at("nowhere"), chosen: "/chosen" }, { missing: at("nowhere") }],
    ["not executable", { setting: at("bare/readme") }, { missing: at("bare/readme") }],
    ["extension", { chosen: "/chosen" }, { path: "/chosen", source: "python extension" }],
    ["virtual environment", {}, { path: at("w/.venv/bin/python"), source: "workspace" }],
    ["PATH", { folder: at("bare") }, { path: at("bin/python3"), source: "PATH" }],
    ["no folder", { folder: undefined }, { path: at("bin/python3"), source: "PATH" }],
    ["nothing", { folder: at("bare"), environment: {} }, undefined],
  ];
  for (const [name, given, expected] of cases) assert.deepEqual(await findInterpreter(facts(given)), expected, name);
});

test("nothing of an untrusted workspace is started", async () => {
  const untrusted = { trusted: false };
  const onPath = { path: at("bin/python3"), source: "PATH" };
  assert.deepEqual(await findInterpreter(facts(untrusted)), onPath, "its virtual environment");
  assert.deepEqual(
    await findInterpreter(facts({ ...untrusted, chosen: at("w/odd/python") })),
    onPath,
    "a choice in it",
  );
  const inside = { PATH: at("w/odd") };
  assert.equal(await findInterpreter(facts({ ...untrusted, environment: inside })), undefined, "a PATH into it");
  const outside = { ...untrusted, chosen: at("out/python") };
  assert.deepEqual(await findInterpreter(facts(outside)), { path: at("out/python"), source: "python extension" });
});

test("settings are written with ~ and variables", () => {
  assert.equal(expand("~/p", "/w"), `${homedir()}/p`);
  assert.equal(expand("python3.12", "/w"), "python3.12");
  assert.equal(expand("bin/python", "/w"), "/w/bin/python");
  assert.equal(expand("bin/python", undefined), "bin/python");
});
