// Scores and probabilities as the command line writes them; the results page uses them too.

import type { Score } from "./protocol.ts";

/** Whether a score is told in per cent: its metric gives values between 0 and 1. */
export function isShare(score: Pick<Score, "score" | "low" | "high">): boolean {
  return score.score >= 0 && score.score <= 1 && score.low >= -0.5 && score.high <= 1.5;
}

/** `P = 0.97`; three digits where two would say certain, which nothing is. */
export function showProbability(probability: number): string {
  if (probability > 0.999) return "P > 0.999";
  if (probability < 0.001) return "P < 0.001";
  return `P = ${probability.toFixed(probability < 0.005 || probability >= 0.995 ? 3 : 2)}`;
}

/** Whole numbers from 10 on, one digit after the point below; a half goes to the even digit. */
export function short(value: number): string {
  const unit = Math.abs(value) >= 9.95 ? 1 : 10;
  const scaled = value * unit;
  const rounded = Math.abs(scaled % 1) === 0.5 ? 2 * Math.round(scaled / 2) : Math.round(scaled);
  return String(rounded / unit + 0);
}
