// Every rollout of a run as columns, and what they say of each candidate.
import type { Score, ScoreCells } from "../../../src/protocol.ts";
import { meanScore } from "./intervals.ts";

/** Columns of one length, in the order of the calls: rollout 0 is program call 1. */
export interface CellLog {
  names: string[];
  candidate: number[];
  example: number[];
  heldOut: boolean[];
  score: (number | null)[];
  unparsed: boolean[];
}

/** One candidate on the held-out examples. */
export interface Tally {
  id: string;
  /** Program calls made when it was first and last run. */
  first: number;
  last: number;
  score: Score;
  unparsed: number;
  /** Program calls at each of its values. */
  calls: number[];
  values: number[];
}

export interface Believed {
  calls: number;
  mean: number;
  low: number;
  high: number;
}

export const EMPTY: CellLog = { names: [], candidate: [], example: [], heldOut: [], score: [], unparsed: [] };

/** The log with further rows. Those of before are not looked at again. */
export function appendCells(log: CellLog, page: ScoreCells): CellLog {
  const names = log.names.slice();
  const known = new Map(names.map((name, number) => [name, number]));
  const numbers = page.candidates.map((name) => {
    const number = known.get(name) ?? names.push(name) - 1;
    known.set(name, number);
    return number;
  });
  return {
    names,
    candidate: log.candidate.concat(page.candidate.map((local) => numbers[local] ?? 0)),
    example: log.example.concat(page.example),
    heldOut: log.heldOut.concat(page.held_out.map(Boolean)),
    score: log.score.concat(page.score),
    unparsed: log.unparsed.concat(page.unparsed.map(Boolean)),
  };
}

/** In the order the candidates were first run. Those without a held-out score are left out. */
export function tally(log: CellLog): Tally[] {
  const found = new Map<number, { calls: number[]; values: number[]; unparsed: number }>();
  for (let row = 0; row < log.candidate.length; row++) {
    const score = log.score[row];
    if (!log.heldOut[row] || score == null) continue;
    const number = log.candidate[row] ?? 0;
    let one = found.get(number);
    if (one === undefined) found.set(number, (one = { calls: [], values: [], unparsed: 0 }));
    one.calls.push(row + 1);
    one.values.push(score);
    if (log.unparsed[row]) one.unparsed++;
  }
  return [...found].map(([number, { calls, values, unparsed }]) => ({
    id: log.names[number] ?? "",
    first: calls[0] ?? 0,
    last: calls.at(-1) ?? 0,
    score: meanScore(values),
    unparsed,
    calls,
    values,
  }));
}

/** What was known of a candidate after each of its calls. */
export function trajectory(one: Tally): Believed[] {
  return one.calls.map((calls, place) => {
    const { score, low, high } = meanScore(one.values.slice(0, place + 1));
    return { calls, mean: score, low, high };
  });
}

/**
 * Best first, by what is surely theirs: the low end of the interval. By the mean alone the luckiest of many would lead,
 * measured on a handful of examples.
 */
export function ranked(tallies: readonly Tally[]): Tally[] {
  return tallies.toSorted((a, b) => b.score.low - a.score.low || b.score.score - a.score.score || a.first - b.first);
}
