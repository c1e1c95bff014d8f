import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type Batch,
  batchAt,
  beliefsOf,
  describeArms,
  describeReasons,
  type Reason,
  reasonIn,
} from "../src/data/batches.ts";

function batch(number: number, rollouts: number, arms: [candidate: string, cells: number, reason: Reason][]): Batch {
  return {
    kind: "batch",
    time: 0,
    batch: number,
    rollouts,
    ceiling: 100,
    tried: 2,
    leader: "baseline",
    mean: 0.5,
    probability: 0,
    arms: arms.map(([candidate, cells, reason]) => ({ candidate, cells, reason })),
    beliefs: arms.map(([candidate, n]) => ({ candidate, mean: rollouts / 100, low: 0.1, high: 0.9, n })),
  };
}

const BATCHES = [
  batch(1, 16, [["baseline", 16, "baseline"]]),
  batch(2, 32, [
    ["i1d0", 8, "design"],
    ["i2d0", 8, "design"],
  ]),
  batch(3, 56, [
    ["i1d0", 8, "challenger"],
    ["i2d0", 8, "leader"],
    ["i3d0", 8, "new"],
  ]),
  batch(4, 64, [["i1d0", 8, "challenger"]]),
];

test("why a candidate got its calls, with how many examples for each reason", () => {
  const reasons = describeReasons(BATCHES);
  assert.equal(reasons.get("i1d0"), "first look (8), may beat the leader (16)");
  assert.equal(reasons.get("baseline"), "to compare others with (16)");
  assert.equal(reasons.get("never asked for"), undefined);
  assert.equal(describeReasons([{ ...BATCHES[0], arms: [] } as Batch]).size, 0);
});

test("what a batch asked for, by reason", () => {
  assert.equal(describeArms(BATCHES[1] as Batch), "first look: i1d0, i2d0");
  assert.equal(
    describeArms(BATCHES[2] as Batch),
    "may beat the leader: i1d0; to be surer of the leader: i2d0; new instruction: i3d0",
  );
  const many = Array.from({ length: 64 }, (_, place) => [`i${place}d0`, 8, "design"] as [string, number, Reason]);
  assert.match(describeArms(batch(2, 528, many)), /^first look: i0d0, i1d0, .*, i11d0 and 52 more$/);
});

for (const [candidate, calls, number, reason] of [
  ["i1d0", 20, 2, "first look"],
  ["i1d0", 33, 3, "may beat the leader"],
  ["i2d0", 40, 3, "to be surer of the leader"],
  // Scored before the search by who looked for headroom.
  ["i3d0", 3, 3, "new instruction"],
  // Looked at beside the search: its batch is the next to close, which did not ask for it.
  ["i3d0", 60, 4, undefined],
  ["i1d0", 65, undefined, undefined],
] as const) {
  test(`call ${calls} of ${candidate}`, () => {
    const found = batchAt(BATCHES, candidate, calls);
    assert.deepEqual([found?.batch, reasonIn(found, candidate)], [number, reason]);
  });
}

test("beliefs are points at the ends of batches", () => {
  const beliefs = beliefsOf(BATCHES);
  assert.deepEqual(
    beliefs.get("i1d0")?.map(({ calls, mean }) => [calls, mean]),
    [
      [32, 0.32],
      [56, 0.56],
      [64, 0.64],
    ],
  );
  assert.deepEqual(beliefs.get("baseline"), [{ calls: 16, mean: 0.16, low: 0.1, high: 0.9 }]);
});
