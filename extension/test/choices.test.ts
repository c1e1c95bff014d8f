import assert from "node:assert/strict";
import { test } from "node:test";
import {
  asOrder,
  capped,
  dataAnswers,
  isNewTarget,
  metricAnswers,
  optimizerAnswers,
  programReference,
  type Draft,
  type Subject,
} from "../src/tune/choices.ts";
import { freeName, targetTable } from "../src/tune/newTarget.ts";
import { aModule, aTarget } from "./fakes/samples.ts";

const ofTarget = (changes: Parameters<typeof aTarget>[0] = {}): Subject => ({
  kind: "target",
  target: aTarget(changes),
});

function aDraft(changes: Partial<Draft> = {}): Draft {
  return {
    root: "/w",
    subject: ofTarget(),
    optimizer: "bootstrap-fewshot",
    metric: "scoring:both_right",
    data: "data/train.jsonl",
    effort: undefined,
    budget: {},
    ...changes,
  };
}

const labels = (answers: { label: string }[]) => answers.map((answer) => answer.label);

test("the target's own optimizer is marked", () => {
  const marked = optimizerAnswers("mipro-v2").filter((answer) => answer.description !== undefined);
  assert.deepEqual(
    marked.map((answer) => answer.value),
    ["mipro-v2"],
  );
});

test("metrics: the target's own, those of others, those of the code; each once", () => {
  const targets = [
    aTarget(),
    aTarget({ name: "sort", metric: "scoring:right_topic" }),
    aTarget({ kind: "compile", metric: "m" }),
  ];
  const found = [
    { name: "both_right", file: "scoring.py", line: 4 },
    { name: "near", file: "pkg/near.py", line: 1 },
  ];
  const answers = metricAnswers("scoring:both_right", { targets }, found, true);
  assert.deepEqual(labels(answers), ["scoring:both_right", "scoring:right_topic", "near", "Another…"]);
  assert.equal(answers[2]?.value, "pkg/near.py:near");
  assert.deepEqual(labels(metricAnswers("both_right", { targets }, found, false)), ["both_right"]);
  assert.deepEqual(metricAnswers(null, { targets }, found, false), []);
});

test("data: the target's own, files, what others use, sets in the code", () => {
  const sets = [{ name: "load", file: "tune.py", line: 15, kind: "loader", inputs: [] } as const];
  const files = ["data/held_out.jsonl", "data/train.jsonl"];
  const answers = dataAnswers(
    "data/train.jsonl",
    { targets: [aTarget()] },
    [...sets.map((one) => ({ ...one, inputs: [] }))],
    files,
    true,
  );
  assert.deepEqual(labels(answers), ["data/train.jsonl", "data/held_out.jsonl", "load", "Another…"]);
});

test("how a new target names its program", () => {
  const index = { modules: [aModule()] };
  const compiled = (program: string) => ofTarget({ kind: "compile", program });
  assert.equal(programReference(ofTarget(), index), "bike_desk:desk");
  assert.equal(programReference(compiled("BikeDesk()"), index), "bike_desk.py:BikeDesk");
  assert.equal(programReference(compiled("student"), index), undefined);
  assert.equal(programReference(compiled("Other()"), index), undefined);
  assert.equal(programReference({ kind: "program", name: "X", reference: "x.py:X" }, index), "x.py:X");
});

test("a target is new where something differs from what it says", () => {
  assert.equal(isNewTarget(aDraft()), false);
  assert.equal(isNewTarget(aDraft({ metric: "scoring:right_topic" })), true);
  assert.equal(isNewTarget(aDraft({ data: "other.jsonl" })), true);
  assert.equal(isNewTarget(aDraft({ subject: { kind: "program", name: "X", reference: "x.py:X" } })), true);
});

test("budgets and orders", () => {
  const calls = { kind: "calls", ask: "", value: "", title: "" } as const;
  assert.deepEqual(capped({ kind: "none" }, 0), {});
  assert.deepEqual(capped(calls, 12.2), { max_calls: 13 });
  assert.deepEqual(capped({ ...calls, kind: "usd" }, 0.5), { max_usd: 0.5 });
  assert.deepEqual(capped({ ...calls, kind: "minutes" }, 1.5), { max_seconds: 90 });
  assert.deepEqual(asOrder(aDraft({ optimizer: "mipro-v2", effort: "light", budget: { max_calls: 5 } }), "desk"), {
    root: "/w",
    target: "desk",
    optimizer: "mipro-v2",
    options: { auto: "light" },
    budget: { max_calls: 5 },
  });
});

test("a new target's table", () => {
  const target = { name: "desk-2", program: "a.py:b", metric: 'm"x', trainset: "d.jsonl" };
  const table = '[tool.tunesmith.targets.desk-2]\nprogram = "a.py:b"\nmetric = "m\\"x"\ntrainset = "d.jsonl"\n';
  assert.equal(targetTable(target, ""), table);
  assert.equal(targetTable(target, "[project]\n"), `\n${table}`);
  assert.equal(targetTable(target, "[project]"), `\n\n${table}`);
});

test("a name that is free", () => {
  assert.equal(freeName("desk", []), "desk");
  assert.equal(freeName("desk", ["desk", "desk-2"]), "desk-3");
  assert.equal(freeName("BikeDesk()", []), "BikeDesk");
  assert.equal(freeName("()", []), "target");
});
