import assert from "node:assert/strict";
import { test } from "node:test";
import type { FolderPicture } from "../src/overview.ts";
import { children, look, roots, runContext, type Node } from "../src/views/nodes.ts";
import { aModule, aProgram, aReport, aRun, aTarget } from "./fakes/samples.ts";

function aFolder(changes: Partial<FolderPicture> = {}): FolderPicture {
  return { root: "/w", name: "w", targets: [aTarget()], modules: [aModule()], runs: [], ...changes };
}

/** The tree as indented lines. */
function drawn(nodes: readonly Node[], depth = 0): string[] {
  return nodes.flatMap((node) => {
    const { label, description } = look(node, 1160);
    const line = `${"  ".repeat(depth)}${[label, description].filter(Boolean).join(" | ")}`;
    return [line, ...drawn(children(node), depth + 1)];
  });
}

test("targets with their program and runs, then the programs that no target uses", () => {
  const runs = [
    aRun({ run_id: "r2", optimizer: "evaluate", report: aReport({ tuned: null, gain: null }) }),
    aRun({ report: aReport() }),
    aRun({ run_id: "other", target: "sort" }),
  ];
  const targets = [aTarget({ definition: aProgram() }), aTarget({ name: "sort" })];
  const modules = [aModule(), aModule({ file: "other.py" })];
  assert.deepEqual(drawn(roots([aFolder({ targets, modules, runs })])), [
    "desk | 15 % ±5 (n=80), 1 min ago",
    "  BikeDesk | 1 predictor",
    "    sort | Predict · SortMessage",
    "  evaluate | 15 % ±5 (n=80), 1 min ago",
    "  bootstrap-fewshot | 15 % → 82 %, confirmed, 1 min ago",
    "sort | not scored yet",
    "  bootstrap-fewshot | finished, 2 min ago",
    "Without a target | programs",
    "  BikeDesk",
    "    sort | Predict · SortMessage",
  ]);
  const used = aTarget({ definition: aProgram({ modules: ["bike_desk.py:BikeDesk", "other.py:BikeDesk"] }) });
  assert.deepEqual(
    roots([aFolder({ targets: [used], modules })]).map(({ kind }) => kind),
    ["target"],
  );
});

test("a predictor says what the newest run that helped has for it", () => {
  const described = (changes: object) => {
    const [one] = aProgram().predictors;
    assert.ok(one);
    const predictors = [{ ...one, ...changes }];
    const target = aTarget({ definition: aProgram({ predictors }) });
    const [program] = children({ kind: "target", root: "/w", target, runs: [] });
    assert.ok(program);
    const [predictor] = children(program);
    assert.ok(predictor);
    const { description, tooltip, place } = look(predictor, 0);
    assert.deepEqual(place, { file: "bike_desk.py", line: 26 });
    return [description, tooltip, look(program, 0).description];
  };
  assert.deepEqual(described({}), ["Predict · SortMessage", "bike_desk.py:26", "1 predictor"]);
  assert.deepEqual(described({ demos: 1, instruction: true, model: "local/smollm2-135m" }), [
    "Predict · SortMessage · new instruction · 1 demo · local/smollm2-135m",
    "bike_desk.py:26\nFrom the newest run that helped: new instruction, 1 demo, local/smollm2-135m",
    "1 predictor",
  ]);
  assert.deepEqual(described({ demos: 4, signature: null, dynamic: true }), [
    "Predict · 4 demos",
    "bike_desk.py:26\nFrom the newest run that helped: 4 demos",
    "dynamic",
  ]);
});

test("a target without runs shows its program, one without either does not open", () => {
  const expands = (target: Parameters<typeof aTarget>[0]) =>
    look({ kind: "target", root: "/w", target: aTarget(target), runs: [] }, 0).expands;
  assert.equal(expands({}), "no");
  assert.equal(expands({ definition: aProgram({ predictors: [] }) }), "expanded");
});

test("a target says what runs, else its newest score, else that there is none", () => {
  const described = (...runs: Parameters<typeof aRun>) => {
    const [target] = roots([aFolder({ modules: [], runs: runs.map((run) => aRun(run)) })]);
    assert.ok(target);
    return look(target, 1160).description;
  };
  assert.equal(described(), "not scored yet");
  assert.equal(described({ status: "running", progress: "scoring 3/8" }), "scoring 3/8");
  assert.equal(described({ status: "failed", report: null }), "not scored yet");
  assert.equal(described({ status: "cancelled", report: aReport() }), "not scored yet");
  const noGain = { mean: 0, low: -0.1, high: 0.1, probability: 0.5, verdict: "no gain" } as const;
  assert.equal(described({ report: aReport({ gain: noGain }) }), "15 % ±5 (n=80), 1 min ago");
});

test("many runs are folded", () => {
  const runs = Array.from({ length: 8 }, (_, index) => aRun({ run_id: `r${index}` }));
  const [target] = roots([aFolder({ modules: [], runs })]);
  assert.ok(target);
  const shown = children(target);
  assert.equal(shown.length, 6);
  const last = shown.at(-1);
  assert.ok(last);
  assert.equal(look(last, 0).label, "3 earlier");
  assert.equal(children(last).length, 3);
});

test("folders are shown where there are several, and only those with something in them", () => {
  const empty = aFolder({ root: "/e", name: "e", targets: [], modules: [] });
  assert.deepEqual(roots([]), []);
  assert.deepEqual(roots([empty]), []);
  assert.equal(roots([aFolder(), empty])[0]?.kind, "target");
  assert.deepEqual(
    roots([aFolder(), aFolder({ root: "/v", name: "v" })]).map((node) => look(node, 0).label),
    ["w", "v"],
  );
});

test("a run's menu follows from how it stands", () => {
  const cases = [
    [aRun({ status: "running" }), "run.running"],
    [aRun({ status: "queued" }), "run.queued"],
    [aRun({ report: aReport() }), "run.shipped"],
    [aRun({ report: aReport({ artifact: null }) }), "run.finished"],
    [aRun({ status: "cancelled", report: aReport() }), "run.shipped"],
    [aRun({ status: "interrupted" }), "run.resumable"],
    [aRun({ status: "needs credentials" }), "run.resumable"],
    [aRun({ status: "failed" }), "run.resumable"],
  ] as const;
  for (const [run, context] of cases) assert.equal(runContext(run), context, run.status);
});
