import assert from "node:assert/strict";
import { test } from "node:test";
import { asCsv, sortRows } from "../src/data/table.ts";

const CASES: [value: string | number | null, csv: string][] = [
  ["plain", "plain"],
  ["a, b", '"a, b"'],
  ['say "yes"', '"say ""yes"""'],
  ["two\nlines", '"two\nlines"'],
  ["=1+1", "'=1+1"],
  ["@cmd", "'@cmd"],
  ["-3 points", "'-3 points"],
  [-3, "-3"],
  [0.125, "0.125"],
  [null, ""],
  [Number.NaN, ""],
];

for (const [value, csv] of CASES) {
  test(`CSV of ${JSON.stringify(value)}`, () => {
    assert.equal(asCsv({ columns: [{ name: "x" }], rows: [[value]] }), `x\r\n${csv}\r\n`);
  });
}

test("rows by numbers, what is missing last both ways", () => {
  const rows = [[2], [null], [10], [1]];
  assert.deepEqual(sortRows(rows, 0, false), [[1], [2], [10], [null]]);
  assert.deepEqual(sortRows(rows, 0, true), [[10], [2], [1], [null]]);
  assert.deepEqual(sortRows([["i10d1"], ["i2d1"]], 0, false), [["i2d1"], ["i10d1"]]);
});
