import assert from "node:assert/strict";
import { test } from "node:test";
import type { DemoChoice, SearchReport } from "../../src/protocol.ts";
import { breakEvenCurves } from "../src/data/breakEven.ts";
import { compareDemos, difference, keptScore } from "../src/data/compareRuns.ts";
import { compareErrors } from "../src/data/errorCategories.ts";
import { predictorsOf } from "../src/data/programState.ts";
import { combinationGrid, describeArm } from "../src/data/search.ts";
import { readRoute, takeToken, writeRoute } from "../src/model/route.ts";

const arm = (candidate: string, levels: number[], n: number, score: number | null) => ({
  candidate,
  levels,
  n,
  score,
  mean: 0.5,
  low: 0.4,
  high: 0.6,
  probability: 0.5,
});
const SEARCH: SearchReport = {
  batches: 1,
  rollouts: 1,
  ceiling: 2,
  features: [],
  untried: [],
  front: [],
  factors: [
    { predictor: "a", kind: "instruction", levels: 3 },
    { predictor: "a", kind: "demos", levels: 2 },
    { predictor: "b", kind: "demos", levels: 2 },
  ],
  effects: [{ predictor: "a", kind: "demos", level: 1, name: "diverse", text: "", mean: 0, low: 0, high: 0, n: 1 }],
  measured: [
    arm("x", [1, 1, 0], 10, 0.8),
    arm("y", [1, 1, 1], 30, 0.4),
    arm("z", [0, 0, 0], 20, 0.5),
    arm("never", [2, 0, 0], 0, null),
  ],
};

test("combinations that share two factors are one square, weighted by examples", () => {
  const grid = combinationGrid(SEARCH, 0, 1);
  assert.deepEqual(
    [grid.rows, grid.columns],
    [
      [0, 1],
      [0, 1],
    ],
  );
  assert.deepEqual(
    grid.cells.map((cell) => [cell.row, cell.column, cell.n, cell.score]),
    [
      [1, 1, 40, 0.5],
      [0, 0, 20, 0.5],
    ],
  );
});

test("an arm in words", () => {
  assert.equal(describeArm(SEARCH, SEARCH.measured[1]!), "a: instruction 1 + a: demos “diverse” + b: demos 1");
  assert.equal(describeArm(SEARCH, SEARCH.measured[2]!), "as it came");
});

test("predictors of a state, one or many, whatever else lies there", () => {
  const one = { demos: [{ x: 1 }, "odd"], signature: { instructions: "Do." } };
  assert.deepEqual(predictorsOf(one), [{ name: "self", instructions: "Do.", demos: [{ x: 1 }] }]);
  assert.deepEqual(
    predictorsOf({ a: one, metadata: {}, b: null }).map((found) => found.name),
    ["a"],
  );
  assert.deepEqual(predictorsOf({}), []);
});

test("errors before and after, as shares", () => {
  const kind = { text: "unread", count: 5, examples: [1], sample: "…" };
  const of = [
    { candidate: "baseline", split: "val", rollouts: 10, accepted: 3, wrong: 2, kinds: [kind] },
    { candidate: "i1", split: "val", rollouts: 20, accepted: 18, wrong: 2, kinds: [] },
  ];
  const { categories, after } = compareErrors(of, "baseline", "i1");
  assert.deepEqual(
    categories.map((one) => [one.text, one.before, one.after]),
    [
      ["unread", 0.5, 0],
      ["an answer the metric did not accept", 0.2, 0.1],
    ],
  );
  assert.equal(after?.candidate, "i1");
  assert.equal(compareErrors(of, "baseline", "baseline").after, null);
  assert.deepEqual(compareErrors([], null, null).categories, []);
});

test("a difference of independent scores is wider than either", () => {
  const apart = difference({ score: 0.5, low: 0.4, high: 0.6, n: 90 }, { score: 0.8, low: 0.7, high: 0.9, n: 90 });
  assert.ok(Math.abs(apart.mean - 0.3) < 1e-9);
  assert.ok(Math.abs(apart.high - apart.low - 0.2 * Math.SQRT2) < 1e-9);
});

test("a run without a gain keeps its baseline", () => {
  const score = (value: number) => ({ score: value, low: 0, high: 1, n: 1 });
  const gain = { mean: 0, low: 0, high: 0, probability: 0.5, verdict: "no gain" as const };
  const report = { baseline: score(0.4), tuned: score(0.5), gain } as Parameters<typeof keptScore>[0];
  assert.equal(keptScore(report)?.score, 0.4);
  assert.equal(keptScore(null), null);
});

test("demos in both and in one", () => {
  const demo = (text: string): DemoChoice => ({
    predictor: "self",
    example: 1,
    origin: "own",
    why: text,
    tokens: 1,
    values: { text },
  });
  const { both, onlyLeft, onlyRight } = compareDemos([demo("a"), demo("b")], [demo("b"), demo("c")]);
  assert.deepEqual(
    [both, onlyLeft, onlyRight].map((list) => list.map((one) => one.why)),
    [["b"], ["a"], ["c"]],
  );
});

test("break-even lines cross one where the student pays", () => {
  const curves = breakEvenCurves([
    { api: "a", queries: 1000, basis: "" },
    { api: "free", queries: null, basis: "" },
  ]);
  assert.deepEqual(
    curves.map((one) => one.name),
    ["making the student", "a"],
  );
  assert.ok(curves[1]?.points.some((point) => point.x === 1000 && point.y === 1));
  assert.deepEqual(breakEvenCurves([{ api: "free", queries: null, basis: "" }]), []);
});

test("addresses", () => {
  for (const route of [
    { view: "list" },
    { view: "run", run: "a b&c" },
    { view: "compare", runs: ["a", "b"] },
  ] as const) {
    assert.deepEqual(readRoute(writeRoute(route as Parameters<typeof writeRoute>[0])), route);
  }
  assert.deepEqual(readRoute("#compare=a"), { view: "list" });
});

test("a token is taken out of the address", () => {
  const written: string[] = [];
  const history = { replaceState: (_: unknown, __: string, url: string) => written.push(url) };
  assert.equal(takeToken({ hash: "#token=s3cret&run=r1", pathname: "/" }, history), "s3cret");
  assert.deepEqual(written, ["/#run=r1"]);
  assert.equal(takeToken({ hash: "#run=r1", pathname: "/" }, history), null);
  assert.equal(written.length, 1);
});
