// What the batches of a search say of each candidate: why it was measured, and what was believed of it.
import type { BatchArm, BatchClosed } from "../../../src/protocol.ts";
import type { Believed } from "./cells.ts";

/** Runs of earlier versions tell no arms and no beliefs. */
export type Batch = Required<BatchClosed> & { time: number };
export type Reason = BatchArm["reason"];

/** Names of one reason listed in a line. */
const MOST_NAMED = 12;

/** In plain words; what each stands for is said in `run_events.py`. */
export const REASONS: Record<Reason, string> = {
  baseline: "to compare others with",
  design: "first look",
  new: "new instruction",
  leader: "to be surer of the leader",
  challenger: "may beat the leader",
  predicted: "promising and never run",
  finishing: "to finish the leader",
};

/** Of every candidate, what for and on how many examples: `first look (8), may beat the leader (16)`. */
export function describeReasons(batches: readonly Batch[]): Map<string, string> {
  const found = new Map<string, Map<Reason, number>>();
  for (const { candidate, reason, cells } of batches.flatMap((batch) => batch.arms)) {
    const counts = found.get(candidate) ?? new Map<Reason, number>();
    found.set(candidate, counts.set(reason, (counts.get(reason) ?? 0) + cells));
  }
  const words = (counts: Map<Reason, number>) => [...counts].map(([reason, cells]) => `${REASONS[reason]} (${cells})`);
  return new Map([...found].map(([candidate, counts]) => [candidate, words(counts).join(", ")]));
}

/** `new instruction: i6d1; may beat the leader: i1d2, i2d2` */
export function describeArms(batch: Batch): string {
  const found = new Map<Reason, string[]>();
  for (const { candidate, reason } of batch.arms) found.set(reason, [...(found.get(reason) ?? []), candidate]);
  return [...found].map(([reason, candidates]) => `${REASONS[reason]}: ${named(candidates)}`).join("; ");
}

function named(candidates: readonly string[]): string {
  const left = candidates.length - MOST_NAMED;
  return `${candidates.slice(0, MOST_NAMED).join(", ")}${left > 0 ? ` and ${left} more` : ""}`;
}

/** The batch a program call of a candidate belongs to: the next to close that asked for it. */
export function batchAt(batches: readonly Batch[], candidate: string, calls: number): Batch | undefined {
  return (
    batches.find((one) => one.rollouts >= calls && one.arms.some((arm) => arm.candidate === candidate)) ??
    batches.find((one) => one.rollouts >= calls)
  );
}

export function reasonIn(batch: Batch | undefined, candidate: string): string | undefined {
  const arm = batch?.arms.find((one) => one.candidate === candidate);
  return arm && REASONS[arm.reason];
}

/** Of every candidate, the posterior of its score after each batch that tells it. */
export function beliefsOf(batches: readonly Batch[]): Map<string, Believed[]> {
  const found = new Map<string, Believed[]>();
  for (const { rollouts, beliefs } of batches) {
    for (const { candidate, mean, low, high } of beliefs) {
      const known = found.get(candidate);
      const believed = { calls: rollouts, mean, low, high };
      if (known) known.push(believed);
      else found.set(candidate, [believed]);
    }
  }
  return found;
}
