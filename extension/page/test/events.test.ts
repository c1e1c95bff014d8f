import assert from "node:assert/strict";
import { test } from "node:test";
import type { EventRecord } from "../../src/protocol.ts";
import { continueStory, emptyStory, MOST_LOG } from "../src/data/events.ts";

function records(...events: EventRecord["event"][]): EventRecord[] {
  return events.map((event, place) => ({ seq: place + 1, time: 1000 + place, event }));
}

const step = {
  kind: "training step" as const,
  student: "sort",
  steps: 240,
  loss: 1,
  tokens_per_second: 900,
  peak_bytes: 1,
  eta_seconds: 9,
};

test("a training with its steps and what it was scored on", () => {
  const story = continueStory(
    emptyStory(),
    records(
      {
        kind: "training",
        student: "sort",
        device: "cpu",
        parameters: 10,
        trainable: 2,
        rows: 3,
        refused: {},
        steps: 240,
        layout: "",
      },
      { ...step, step: 1 },
      { ...step, step: 2 },
      { kind: "dev", student: "sort", step: 2, loss: 0.5, exact: 0.4, best: true },
    ),
  );
  const training = story.trainings.get("sort");
  assert.deepEqual([training?.started?.device, training?.steps.length, training?.dev.length], ["cpu", 2, 1]);
  assert.deepEqual(story.progress, { phase: "training sort", done: 2, total: 240, text: "" });
  assert.equal(story.last, 4);
});

test("a story goes on where it stopped", () => {
  const batch = {
    kind: "batch" as const,
    rollouts: 44,
    ceiling: 250,
    tried: 1,
    leader: "baseline",
    mean: 0.1,
    probability: 0,
  };
  const begun = continueStory(emptyStory(), records({ ...batch, batch: 1 }));
  const story = continueStory(begun, [{ seq: 2, time: 5, event: { ...batch, batch: 2, leader: "i1d1" } }]);
  assert.deepEqual(
    story.batches.map((one) => one.leader),
    ["baseline", "i1d1"],
  );
});

test("a batch of an earlier version has neither arms nor beliefs, and one told again counts once", () => {
  const batch = { kind: "batch" as const, ceiling: 250, tried: 1, mean: 0.1, probability: 0 };
  const told = (number: number, leader: string) => ({ ...batch, batch: number, rollouts: 16 * number, leader });
  const arms = [{ candidate: "i1d1", cells: 8, reason: "new" as const }];
  const story = continueStory(
    emptyStory(),
    records(told(1, "baseline"), told(2, "a"), told(3, "b"), told(1, "baseline"), { ...told(2, "c"), arms }),
  );
  assert.deepEqual(
    story.batches.map((one) => [one.batch, one.leader, one.arms, one.beliefs]),
    [
      [1, "baseline", [], []],
      [2, "c", arms, []],
    ],
  );
});

test("the last score of a candidate counts", () => {
  const score = { score: 0.5, low: 0.4, high: 0.6, n: 10 };
  const told = (n: number) => ({ kind: "candidate" as const, candidate: "i1d1", name: "one", score: { ...score, n } });
  assert.equal(continueStory(emptyStory(), records(told(4), told(8))).scored.get("i1d1")?.score.n, 8);
});

test("a flood of prints does not grow the log for ever", () => {
  const flood = Array.from({ length: MOST_LOG + 500 }, () => ({
    kind: "printed" as const,
    stream: "stdout" as const,
    text: "line\n",
  }));
  const story = continueStory(emptyStory(), records(...flood));
  assert.deepEqual([story.log.length, story.log[0]?.seq, story.last], [MOST_LOG, 501, MOST_LOG + 500]);
});
