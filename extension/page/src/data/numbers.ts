// Numbers as the page shows them: those of the extension with a minus as wide as a digit, and what only the page has.
import {
  describeGain as describePlainGain,
  isShare,
  short as plain,
  showCount,
  showProbability,
  showSeconds,
  showUsd,
  signed,
} from "../../../src/numbers.ts";
import type { Gain } from "../../../src/protocol.ts";

export { isShare, showCount, showProbability, showSeconds, showUsd };

/** `82 %`, or `3.4` on another scale. */
export function showScore(value: number, share: boolean): string {
  return share ? `${short(100 * value)} %` : short(value);
}

/** `74–88 %` */
export function showRange(low: number, high: number, share: boolean): string {
  return share ? `${short(100 * low)}–${short(100 * high)} %` : `${short(low)}–${short(high)}`;
}

/** `+27`, in points where the scores are shares. */
export function showEffect(value: number, share: boolean): string {
  return signed(share ? 100 * value : value, short);
}

/** `14 to 39` */
export function showEffectRange(low: number, high: number, share: boolean): string {
  const scale = share ? 100 : 1;
  return `${short(scale * low)} to ${short(scale * high)}`;
}

/** `+27 points (95 % interval 14 to 39)` */
export function describeGain(gain: Gain, share: boolean): string {
  return describePlainGain(gain, share, short);
}

/** `0.97`, `> 0.999`: for a column that says what it is. */
export function showChance(probability: number): string {
  return showProbability(probability).replace(/^P (= )?/, "");
}

/** `134.5 M`: parameters. */
export function showLarge(count: number): string {
  for (const [unit, size] of [
    ["B", 1e9],
    ["M", 1e6],
    ["k", 1e3],
  ] as const) {
    if (Math.abs(count) >= size) return `${(count / size).toFixed(1)} ${unit}`;
  }
  return short(count);
}

/** Decimal units, as disks and graphics cards are sold. */
export function showBytes(count: number): string {
  for (const [unit, size] of [
    ["GB", 1e9],
    ["MB", 1e6],
    ["kB", 1e3],
  ] as const) {
    if (count >= size) return `${(count / size).toFixed(count < 10 * size ? 1 : 0)} ${unit}`;
  }
  return `${count.toFixed(0)} B`;
}

/** A quantity with the unit a run gave it. */
export function showQuantity(value: number, unit: string): string {
  if (unit === "bytes") return showBytes(value);
  if (unit === "seconds") return showSeconds(value);
  return unit === "usd" ? showUsd(value) : `${Number(value.toPrecision(4))} ${unit}`;
}

/** `2026-09-21 14:03`, in the reader's time zone. */
export function showTime(seconds: number): string {
  const at = new Date(1000 * seconds);
  const two = (value: number) => String(value).padStart(2, "0");
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  return `${day} ${two(at.getHours())}:${two(at.getMinutes())}`;
}

/** With a minus as wide as a digit. */
export function short(value: number): string {
  return plain(value).replace("-", "−");
}
