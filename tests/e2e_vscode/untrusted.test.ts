// Restricted mode: programs are listed and checked, nothing of the workspace runs until it is trusted.

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import * as path from "node:path";
import { test } from "node:test";
import { startForTests, step } from "./workbench.ts";

const vscode = startForTests({ trust: true });

test("an untrusted workspace", async (t) => {
  const bench = await vscode.open(vscode.server.workspace, "untrusted");

  await step(t, bench, "shows what can be tuned", async () => {
    await bench.page.locator(".statusbar-item", { hasText: "Restricted Mode" }).waitFor();
    await bench.openFile("bike_desk.py");
    await bench.lens("Tune desk…").waitFor();
    await bench.showTargets();
    await bench.tree("desk").first().waitFor();
    await bench.screenshot("listed");
  });

  await step(t, bench, "runs nothing, and says why", async () => {
    await bench.lens("Evaluate desk").click();
    await bench.toast(/waits until you trust the workspace/).waitFor();
    await bench.screenshot("refused");
    assert.ok(!existsSync(path.join(vscode.server.workspace, ".tunesmith")), "no run folder was made");
  });

  await step(t, bench, "tunes once it is trusted", async () => {
    await bench.press("Manage Workspace Trust", bench.toast(/trust the workspace/));
    await bench.page.locator(".workspace-trust-editor .monaco-button", { hasText: /^Trust$/ }).click();
    await bench.page.locator(".statusbar-item", { hasText: "Restricted Mode" }).waitFor({ state: "detached" });
    await bench.openFile("bike_desk.py");
    await bench.lens("Tune desk…").click();
    await bench.question("What should change?").waitFor();
    await bench.screenshot("trusted");
  });
});
