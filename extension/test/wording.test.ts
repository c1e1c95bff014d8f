import assert from "node:assert/strict";
import { test } from "node:test";
import { aboutSeconds } from "../src/numbers.ts";
import {
  describeAge,
  describeChange,
  describeEstimate,
  describeOutcome,
  describeScore,
  describeVerdict,
} from "../src/wording.ts";
import { aReport, aRun } from "./fakes/samples.ts";

const score = (score: number, low: number, high: number, n = 80) => ({ score, low, high, n });

test("scores", () => {
  const cases = [
    [score(0.82, 0.76, 0.88), "82 % ±6 (n=80)"],
    [score(0.025, 0, 0.06, 40), "2.5 % ±3 (n=40)"],
    [score(0, 0, 0, 8), "0 % ±0 (n=8)"],
    [score(3.46, 3.2, 3.8), "3.5 ±0.3 (n=80)"],
    [score(17.2, 15, 19), "17 ±2 (n=80)"],
    [score(0.0625, 0, 0.22, 8), "6.2 % ±11 (n=8)"],
    [score(-0.01, -0.6, 0.6), "0 ±0.6 (n=80)"],
  ] as const;
  for (const [given, expected] of cases) assert.equal(describeScore(given), expected);
});

test("changes keep the metric's unit where one of both is no share", () => {
  assert.equal(describeChange(score(0.15, 0.1, 0.2), score(0.82, 0.7, 0.9)), "15 % → 82 %");
  assert.equal(describeChange(score(0.5, 0, 1), score(3, 2, 4)), "0.5 → 3");
});

test("gains", () => {
  const gain = { mean: 0.67, low: 0.55, high: 0.79, probability: 0.97, verdict: "confirmed" } as const;
  const cases = [
    [gain, true, "+67 points (95 % interval 55 to 79), P = 0.97, confirmed"],
    [{ ...gain, probability: 0.9999 }, true, "+67 points (95 % interval 55 to 79), P > 0.999, confirmed"],
    [{ ...gain, probability: 0.997 }, true, "+67 points (95 % interval 55 to 79), P = 0.997, confirmed"],
    [{ ...gain, high: 1.4 }, true, "+67 points (95 % interval 55 to 100), P = 0.97, confirmed"],
    [{ ...gain, mean: -0.2 }, false, "-0.2 (95 % interval 0.6 to 0.8), P = 0.97, confirmed"],
  ] as const;
  for (const [given, share, expected] of cases) assert.equal(describeVerdict(given, share), expected);
});

test("outcomes", () => {
  const cases = [
    [aRun({ report: aReport() }), "15 % → 82 %, confirmed"],
    [aRun({ report: aReport({ tuned: null, gain: null }) }), "15 % ±5 (n=80)"],
    [aRun({ status: "running", progress: "bootstrapping 3/40" }), "bootstrapping 3/40"],
    [aRun({ status: "queued" }), "queued"],
    [aRun({ status: "cancelled" }), "cancelled"],
    [aRun({ status: "cancelled", report: aReport({ tuned: null, gain: null }) }), "cancelled at 15 % ±5 (n=80)"],
    [aRun({ status: "failed", error: { message: "It broke." } }), "It broke."],
  ] as const;
  for (const [given, expected] of cases) assert.equal(describeOutcome(given), expected);
});

test("ages and durations", () => {
  const ages = [0, 59, 60, 7200, 86400, 4 * 86400].map(describeAge);
  assert.deepEqual(ages, ["just now", "just now", "1 min ago", "2 h ago", "1 day ago", "4 days ago"]);
  assert.deepEqual([0.2, 59, 60, 3599, 5400].map(aboutSeconds), ["1 s", "59 s", "1 min", "1 h 0 min", "1 h 30 min"]);
});

test("an estimate says at most, and unknown where it is", () => {
  const lines = describeEstimate({
    optimizer: "mipro-v2",
    train: 120,
    val: 40,
    program_calls: 1200,
    expected_program_calls: 800,
    calls_per_program: 2,
    prompt_calls: 21,
    lm_calls: 2421,
    prompt_tokens: 1_234_567,
    completion_tokens: 99,
    usd: null,
    seconds: 480,
    basis: [],
  });
  assert.deepEqual(lines, [
    "Examples: 120 to learn from, 40 to score on",
    "Program calls: at most 1,200, about 800 likely",
    "LM calls: at most about 2,421, 21 of them to the prompt model",
    "Tokens: at most about 1,200,000 in, 99 out",
    "Cost: price unknown",
    "Time: at most about 8 min",
  ]);
});
