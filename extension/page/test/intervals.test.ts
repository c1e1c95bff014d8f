import assert from "node:assert/strict";
import { test } from "node:test";
import { meanScore } from "../src/data/intervals.ts";

// What `optim/statistics/intervals.py` gives for the same values.
const CASES: [values: number[], score: number, low: number, high: number][] = [
  [[1, 0, 1, 1], 0.75, 0.300642, 0.954413],
  [[0, 0, 0], 0, 0, 0.561497],
  [[1], 1, 0.206549, 1],
  [[0.5], 0.5, 0, 1],
  [[3.5], 3.5, 3.5, 3.5],
  [[0.2, 0.4, 0.9], 0.5, 0, 1],
  [[10, 12, 11, 14], 11.75, 9.032469, 14.467531],
];

for (const [values, score, low, high] of CASES) {
  test(`the mean of ${values.join(", ")}`, () => {
    const got = meanScore(values);
    assert.equal(got.n, values.length);
    assert.ok(Math.abs(got.score - score) < 1e-9);
    assert.ok(Math.abs(got.low - low) < 1e-4, `low ${got.low}`);
    assert.ok(Math.abs(got.high - high) < 1e-4, `high ${got.high}`);
  });
}

test("many graded values use the t distribution beyond its table", () => {
  const values = Array.from({ length: 13 }, (_, place) => 5 + (place % 3));
  const got = meanScore(values);
  assert.ok(Math.abs(got.high - got.score - 0.521092) < 1e-3, `half ${got.high - got.score}`);
});

test("a score over nothing is missing, not zero", () => {
  assert.throws(() => meanScore([]), RangeError);
});
