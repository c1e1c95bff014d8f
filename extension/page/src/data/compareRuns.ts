// Two runs side by side.
import type { DemoChoice, RunReport, Score } from "../../../src/protocol.ts";
import { asText } from "./programState.ts";

export interface Difference {
  mean: number;
  low: number;
  high: number;
}

const Z = 1.96;

/**
 * Right minus left, taken as independent: wider than a paired interval would be, and right where the runs did not
 * share their examples. Each half-width comes from its own 95 % interval.
 */
export function difference(left: Score, right: Score): Difference {
  const spread = (score: Score) => (score.high - score.low) / (2 * Z);
  const half = Z * Math.hypot(spread(left), spread(right));
  const mean = right.score - left.score;
  return { mean, low: mean - half, high: mean + half };
}

/** The score of what a run leaves its user with: the baseline's where nothing was gained. */
export function keptScore(report: RunReport | null | undefined): Score | null {
  if (!report) return null;
  return report.tuned && report.gain?.verdict !== "no gain" ? report.tuned : (report.baseline ?? report.tuned);
}

export interface DemosCompared {
  both: DemoChoice[];
  onlyLeft: DemoChoice[];
  onlyRight: DemoChoice[];
}

/** Demos are the same where predictor and values are. */
export function compareDemos(left: readonly DemoChoice[], right: readonly DemoChoice[]): DemosCompared {
  const key = (demo: DemoChoice) => `${demo.predictor}\n${asText(demo.values)}`;
  const [leftKeys, rightKeys] = [new Set(left.map(key)), new Set(right.map(key))];
  return {
    both: left.filter((demo) => rightKeys.has(key(demo))),
    onlyLeft: left.filter((demo) => !rightKeys.has(key(demo))),
    onlyRight: right.filter((demo) => !leftKeys.has(key(demo))),
  };
}
