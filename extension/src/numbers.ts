// Numbers and gains as the command line writes them. The results page uses them too, with a wider minus.

import type { Gain, Score } from "./protocol.ts";

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

/** With its sign; zero has none. */
export function signed(value: number, write = short): string {
  const text = write(value);
  return value < 0 || text === "0" ? text : `+${text}`;
}

/** `+27 points (95 % interval 14 to 39)`; few examples make an interval wider than two shares can differ. */
export function describeGain(gain: Gain, share: boolean, write = short): string {
  const scale = share ? 100 : 1;
  const end = (value: number) => write(scale * (share ? Math.min(Math.max(value, -1), 1) : value));
  const points = share ? " points" : "";
  return `${signed(scale * gain.mean, write)}${points} (95 % interval ${end(gain.low)} to ${end(gain.high)})`;
}

const grouped = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });

export function showCount(count: number): string {
  return grouped.format(count);
}

export function showUsd(usd: number | null): string {
  if (usd === null) return "price unknown";
  return usd >= 1 || usd === 0 ? `$${usd.toFixed(2)}` : `$${usd.toFixed(4)}`;
}

/** What was measured: `4.25 s`, `3 min 7 s`, `2 h 5 min`. */
export function showSeconds(seconds: number): string {
  if (seconds < 60) return `${seconds.toFixed(seconds < 10 ? 2 : 1)} s`;
  const minutes = Math.floor(Math.round(seconds) / 60);
  if (minutes < 60) return `${minutes} min ${Math.round(seconds) % 60} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** What is only expected: `5 s`, `3 min`, `2 h 5 min`. */
export function aboutSeconds(seconds: number): string {
  if (seconds < 60) return `${Math.max(1, Math.round(seconds))} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
