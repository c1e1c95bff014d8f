// Windows that are not the usual one: a Python without tunesmith, several folders.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { test } from "node:test";
import { copyExample, PYTHON } from "./codeServer.ts";
import { startForTests, step } from "./workbench.ts";

const vscode = startForTests({ trust: false });

test("a Python without tunesmith", async (t) => {
  const folder = path.join(vscode.server.home, "bare-desk");
  copyExample(folder);
  const bare = path.join(vscode.server.home, "bare");
  const made = spawnSync(PYTHON, ["-m", "venv", "--without-pip", bare]);
  assert.equal(made.status, 0, made.stderr.toString());
  mkdirSync(path.join(folder, ".vscode"));
  const settings = { "tunesmith.interpreter": path.join(bare, "bin/python") };
  writeFileSync(path.join(folder, ".vscode/settings.json"), JSON.stringify(settings));
  const bench = await vscode.open(folder, "bare");

  await step(t, bench, "is said once, with what can be done", async () => {
    await bench.openFile("bike_desk.py");
    const told = bench.toast(/bare\/bin\/python has no tunesmith\[server\] installed/);
    await told.waitFor();
    await told.locator(".monaco-button", { hasText: "Install…" }).waitFor();
    await told.locator(".monaco-button", { hasText: "Choose Python…" }).waitFor();
    await bench.screenshot("told");
    assert.equal(await bench.page.locator(".notification-toast").count(), 1);
  });
  await bench.close();
});

test("a window with several folders", async (t) => {
  const second = path.join(vscode.server.home, "second-desk");
  copyExample(second);
  const file = path.join(vscode.server.home, "both.code-workspace");
  const folders = [{ path: vscode.server.workspace }, { path: second }, { path: vscode.server.plain }];
  writeFileSync(file, JSON.stringify({ folders }));
  const bench = await vscode.open(file, "folders");

  await step(t, bench, "shows each that has something to tune", async () => {
    await bench.showTargets();
    for (const name of ["bike-desk", "second-desk"]) await bench.tree(new RegExp(`^${name}$`)).waitFor();
    assert.equal(await bench.tree(/^plain$/).count(), 0);
    assert.equal(await bench.tree(/^desk/).count(), 2);
    await bench.screenshot("tree");
  });

  await step(t, bench, "and a file of it is served", async () => {
    await bench.tree(/^desk/).last().click();
    await bench.page.locator(".tab", { hasText: "pyproject.toml" }).waitFor();
    await bench.screenshot("opened");
  });
  await bench.close();
});
