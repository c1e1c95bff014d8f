import assert from "node:assert/strict";
import { test } from "node:test";
import type { ScoreCells } from "../../src/protocol.ts";
import { appendCells, EMPTY, ranked, tally, trajectory } from "../src/data/cells.ts";
import { raster } from "../src/data/raster.ts";

function page(rows: [candidate: string, heldOut: boolean, score: number | null, unparsed?: boolean][]): ScoreCells {
  const candidates = [...new Set(rows.map(([candidate]) => candidate))];
  return {
    candidates,
    candidate: rows.map(([candidate]) => candidates.indexOf(candidate)),
    example: rows.map((_, place) => place),
    held_out: rows.map(([, heldOut]) => Number(heldOut)),
    score: rows.map(([, , score]) => score),
    unparsed: rows.map(([, , , unparsed]) => Number(unparsed ?? false)),
    last: rows.length,
    more: false,
  };
}

const FIRST = page([
  ["teacher", false, 1],
  ["baseline", true, 0, true],
  ["baseline", true, 1],
]);
const SECOND = page([
  ["i1d1", true, 1],
  ["baseline", true, null],
  ["i1d1", true, 1],
]);

test("pages with numbers of their own become one log", () => {
  const log = appendCells(appendCells(EMPTY, FIRST), SECOND);
  assert.deepEqual(log.names, ["teacher", "baseline", "i1d1"]);
  assert.deepEqual(log.candidate, [0, 1, 1, 2, 1, 2]);
});

test("an earlier log is left as it was", () => {
  const log = appendCells(EMPTY, FIRST);
  appendCells(log, SECOND);
  assert.equal(log.candidate.length, 3);
  assert.equal(EMPTY.names.length, 0);
});

test("failed calls are missing, unread answers count, training is left out", () => {
  const [baseline, arm] = tally(appendCells(appendCells(EMPTY, FIRST), SECOND));
  assert.deepEqual(
    [baseline?.id, baseline?.score.score, baseline?.score.n, baseline?.unparsed],
    ["baseline", 0.5, 2, 1],
  );
  assert.deepEqual([baseline?.first, baseline?.last], [2, 3]);
  assert.deepEqual([arm?.id, arm?.calls, arm?.values], ["i1d1", [4, 6], [1, 1]]);
});

test("a trajectory ends at the score", () => {
  const one = tally(appendCells(EMPTY, FIRST))[0];
  assert.ok(one);
  const path = trajectory(one);
  assert.deepEqual(
    path.map((point) => [point.calls, point.mean]),
    [
      [2, 0],
      [3, 0.5],
    ],
  );
  assert.deepEqual([path.at(-1)?.low, path.at(-1)?.high], [one.score.low, one.score.high]);
});

test("the luckiest of few examples does not lead", () => {
  const rows: [string, boolean, number][] = [
    ["lucky", true, 1],
    ["lucky", true, 1],
  ];
  for (let at = 0; at < 40; at++) rows.push(["steady", true, at % 10 === 0 ? 0 : 1]);
  assert.deepEqual(
    ranked(tally(appendCells(EMPTY, page(rows)))).map((one) => one.id),
    ["steady", "lucky"],
  );
});

test("a raster shows those with most calls, and puts calls of one column together", () => {
  const rows = Array.from({ length: 100 }, (_, at): [string, boolean, number] => [
    at < 60 ? "often" : `c${at}`,
    true,
    at % 2,
  ]);
  const log = appendCells(EMPTY, page(rows));
  const [often, ...others] = raster(log, tally(log), 5, 10);
  assert.deepEqual([often?.id, often?.n, others.length], ["often", 60, 4]);
  assert.deepEqual(
    often?.marks.map((mark) => [mark.n, mark.score]),
    Array.from({ length: 6 }, () => [10, 0.5]),
  );
});

test("ten thousand candidates are told in well under a second", { timeout: 5000 }, () => {
  const rows = Array.from({ length: 40_000 }, (_, at): [string, boolean, number] => [
    `c${at % 10_000}`,
    true,
    at % 3 ? 1 : 0,
  ]);
  const candidates = Array.from({ length: 10_000 }, (_, at) => `c${at}`);
  const cells: ScoreCells = {
    candidates,
    candidate: rows.map((_, at) => at % 10_000),
    example: rows.map(() => 0),
    held_out: rows.map(() => 1),
    score: rows.map(([, , score]) => score),
    unparsed: rows.map(() => 0),
    last: rows.length,
    more: false,
  };
  const log = appendCells(EMPTY, cells);
  assert.equal(tally(log).length, 10_000);
  assert.equal(raster(log, tally(log), 36, 400).length, 36);
});
