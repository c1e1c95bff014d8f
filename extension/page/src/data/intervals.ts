// The mean of a metric over examples, with its 95 % interval: the same as `optim/statistics/intervals.py`.
import type { Score } from "../../../src/protocol.ts";

const Z = 1.959963984540054;
/** 97.5 % points of Student's t with 1 to 10 degrees of freedom. */
const T = [12.7062, 4.30265, 3.18245, 2.77645, 2.57058, 2.44691, 2.36462, 2.306, 2.26216, 2.22814];

/** Wilson's score interval where all values are 0 or 1, Student's t otherwise. Throws for no values. */
export function meanScore(values: readonly number[]): Score {
  if (values.length === 0) throw new RangeError("a score needs at least one value");
  return values.every((value) => value === 0 || value === 1) ? wilson(values) : student(values);
}

function wilson(values: readonly number[]): Score {
  const n = values.length;
  const share = sum(values) / n;
  const centre = (share + Z ** 2 / (2 * n)) / (1 + Z ** 2 / n);
  const half = (Z / (1 + Z ** 2 / n)) * Math.sqrt((share * (1 - share)) / n + Z ** 2 / (4 * n * n));
  const low = Math.max(0, Math.min(share, centre - half));
  return { score: share, low, high: Math.min(1, Math.max(share, centre + half)), n };
}

function student(values: readonly number[]): Score {
  const n = values.length;
  const mean = sum(values) / n;
  const isShare = values.every((value) => value >= 0 && value <= 1);
  if (n === 1) return { score: mean, low: isShare ? 0 : mean, high: isShare ? 1 : mean, n };
  const variance = sum(values.map((value) => (value - mean) ** 2)) / (n - 1);
  const half = tQuantile(n - 1) * Math.sqrt(variance / n);
  const [low, high] = [mean - half, mean + half];
  return { score: mean, low: isShare ? Math.max(0, low) : low, high: isShare ? Math.min(1, high) : high, n };
}

/** Above 10 degrees of freedom: the Cornish–Fisher expansion (Abramowitz & Stegun 26.7.5), right to 1e-4. */
function tQuantile(freedom: number): number {
  const known = T[freedom - 1];
  if (known !== undefined) return known;
  const terms = [
    (Z ** 3 + Z) / 4,
    (5 * Z ** 5 + 16 * Z ** 3 + 3 * Z) / 96,
    (3 * Z ** 7 + 19 * Z ** 5 + 17 * Z ** 3 - 15 * Z) / 384,
  ];
  return terms.reduce((total, term, power) => total + term / freedom ** (power + 1), Z);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
