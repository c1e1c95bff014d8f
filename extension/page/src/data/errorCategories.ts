// What went wrong before and after, kind by kind.
import type { CandidateErrors } from "../../../src/protocol.ts";

export interface Category {
  text: string;
  before: number;
  after: number;
  /** One of its messages in full; empty for wrong answers, which have none. */
  sample: string;
  examples: number[];
}

export interface ErrorsCompared {
  before: CandidateErrors | null;
  after: CandidateErrors | null;
  /** Shares of the rollouts, the most frequent before first. */
  categories: Category[];
}

const WRONG = "an answer the metric did not accept";

/** On held-out examples where there are any, else on those trained on. */
export function compareErrors(
  of: readonly CandidateErrors[],
  before: string | null,
  after: string | null,
): ErrorsCompared {
  const pick = (id: string | null) => of.find((one) => one.candidate === id) ?? null;
  const [first, second] = [pick(before), after === before ? null : pick(after)];
  const found = new Map<string, Category>();
  const note = (text: string, side: "before" | "after", share: number, sample = "", examples: number[] = []) => {
    const known = found.get(text) ?? { text, before: 0, after: 0, sample, examples };
    found.set(text, { ...known, [side]: share });
  };
  for (const [side, one] of [
    ["before", first],
    ["after", second],
  ] as const) {
    if (!one || one.rollouts === 0) continue;
    if (one.wrong > 0) note(WRONG, side, one.wrong / one.rollouts);
    for (const kind of one.kinds) note(kind.text, side, kind.count / one.rollouts, kind.sample, kind.examples);
  }
  const categories = [...found.values()].sort((a, b) => b.before - a.before || b.after - a.after);
  return { before: first, after: second, categories };
}
