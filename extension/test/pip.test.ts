import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { beforeEach, test } from "node:test";
import * as vscode from "./fakes/vscode.ts";
import { describeChanges, offerInstall } from "../src/installation.ts";
import { constraints, planInstall, readReport, readUvLines, reasonOf } from "../src/pip.ts";
import type { Probe } from "../src/probe.ts";
import type { Ended, Run } from "../src/process.ts";

const PRESENT = [
  { name: "numpy", version: "1.26.4" },
  { name: "Tunesmith", version: "0.0.9" },
  { name: "mine", version: "1.0", editable_project_location: "/w" },
];
const HAS: Probe = {
  python: "3.12",
  version: [3, 12],
  tunesmith: null,
  dspy: null,
  serves: false,
  works: false,
  pip: true,
};
const signal = new AbortController().signal;

beforeEach(() => vscode.reset());

const ok = (stdout: string): Ended => ({ code: 0, stdout, stderr: "" });
const failed = (stderr: string): Ended => ({ code: 1, stdout: "", stderr });
const report = (packages: Record<string, string>): string =>
  JSON.stringify({ install: Object.entries(packages).map(([name, version]) => ({ metadata: { name, version } })) });

/** A pip whose dry run with constraints, and without, ends so. */
function aPip(constrained: Ended, free: Ended = failed("ERROR: not asked for")) {
  const ran: string[][] = [];
  const run: Run = async (command, args) => {
    ran.push([command, ...args]);
    if (args.includes("list")) return ok(JSON.stringify(PRESENT));
    if (!args.includes("--dry-run")) return ok("done");
    return args.includes("--constraint") ? constrained : free;
  };
  return { run, ran, installs: () => ran.filter((one) => one.includes("install") && !one.includes("--dry-run")) };
}

test("every present version is a constraint, but tunesmith's own and editable ones", () => {
  assert.equal(constraints(PRESENT), "numpy==1.26.4\n");
});

test("installers' answers", () => {
  assert.deepEqual(readReport(report({ pygls: "2.1.1" })), [{ name: "pygls", to: "2.1.1" }]);
  const lines =
    "Resolved 3 packages in 5ms\nWould install 2 packages\n - attrs==23.1\n + attrs==26.1.0\n + pygls==2.1.1\n";
  assert.deepEqual(readUvLines(lines), [
    { name: "attrs", to: "26.1.0" },
    { name: "pygls", to: "2.1.1" },
  ]);
});

test("why an installer failed", () => {
  const cases = [
    ["WARNING: x\nERROR: ResolutionImpossible: for help visit …\n", "ResolutionImpossible: for help visit …"],
    ["error: externally-managed-environment\n\n× This environment", /Create a virtual environment/],
    ["  × No solution found\n  ╰─▶ Because a needs b, it cannot be.\n", "Because a needs b, it cannot be."],
    ["", "The installer ended without a word."],
  ] as const;
  for (const [stderr, expected] of cases) {
    const reason = reasonOf(stderr);
    if (typeof expected === "string") assert.equal(reason, expected);
    else assert.match(reason, expected);
  }
});

test("a plan keeps what is there where it can", async () => {
  const { run, ran } = aPip(ok(report({ pygls: "2.1.1", tunesmith: "0.1.0" })));
  const plan = await planInstall("/py", true, undefined, run, signal);
  assert.deepEqual(plan.changes, [
    { name: "pygls", from: null, to: "2.1.1" },
    { name: "tunesmith", from: "0.0.9", to: "0.1.0" },
  ]);
  const file = plan.command[plan.command.indexOf("--constraint") + 1] ?? "";
  assert.equal(readFileSync(file, "utf8"), "numpy==1.26.4\n");
  assert.equal(ran.filter((one) => one.includes("--dry-run")).length, 1);
  await plan.forget();
  assert.ok(!existsSync(file));
});

test("where it cannot, the plan says what would change", async () => {
  const { run } = aPip(failed("ERROR: ResolutionImpossible"), ok(report({ numpy: "2.1.0", pygls: "2.1.1" })));
  const plan = await planInstall("/py", true, undefined, run, signal);
  assert.deepEqual(plan.changes[0], { name: "numpy", from: "1.26.4", to: "2.1.0" });
  assert.ok(!plan.command.includes("--constraint"));
  await plan.forget();
});

test("without pip it is uv, and without both a sentence", async () => {
  const { run, ran } = aPip(ok(" + pygls==2.1.1\n"));
  const plan = await planInstall("/py", false, "/bin/uv", run, signal);
  assert.deepEqual(plan.changes, [{ name: "pygls", from: null, to: "2.1.1" }]);
  assert.ok(ran.every(([program]) => program === "/bin/uv"));
  await plan.forget();
  await assert.rejects(planInstall("/py", false, undefined, run, signal), /has no pip, and there is no uv/);
});

test("what changes is told before what is added", () => {
  const many = Array.from({ length: 30 }, (_, index) => ({ name: `p${index}`, from: null, to: "1" }));
  assert.match(describeChanges(many), /^Nothing that is installed there changes\.\n\nAdded: p0 1, .*, and 5 more$/);
  const both = describeChanges([
    { name: "pygls", from: null, to: "2" },
    { name: "numpy", from: "1", to: "2" },
  ]);
  assert.equal(both, "Changed:\n  numpy 1 → 2\n\nAdded: pygls 2");
});

const log = { info: () => undefined, error: () => undefined } as unknown as Parameters<typeof offerInstall>[4];

test("nothing is installed before the user agrees", async () => {
  const cases: [string, Ended, Ended, string | undefined, number][] = [
    ["agreed", ok(report({ pygls: "2" })), failed(""), "Install", 1],
    ["dismissed", ok(report({ pygls: "2" })), failed(""), undefined, 0],
    ["change agreed", failed("ERROR: no"), ok(report({ numpy: "2" })), "Install and Change 1 Package", 1],
    ["change dismissed", failed("ERROR: no"), ok(report({ numpy: "2" })), undefined, 0],
    ["impossible", failed("ERROR: no"), failed("ERROR: still no"), undefined, 0],
  ];
  for (const [name, constrained, free, pressed, installs] of cases) {
    vscode.reset();
    vscode.user.presses = [pressed];
    const pip = aPip(constrained, free);
    assert.equal(await offerInstall("/py", HAS, undefined, pip.run, log), installs === 1, name);
    assert.equal(pip.installs().length, installs, name);
  }
  assert.match(vscode.user.shown[0]?.message ?? "", /could not be installed into \/py: still no/);
});
