// Numbers as people read them; the same words as the command line's.
import { isShare, short as plain, showProbability } from "../../../src/numbers.ts";
import type { Gain } from "../../../src/protocol.ts";

export { isShare, showProbability };

const grouped = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });

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
  return signed(share ? 100 * value : value);
}

/** `14 to 39` */
export function showEffectRange(low: number, high: number, share: boolean): string {
  const scale = share ? 100 : 1;
  return `${short(scale * low)} to ${short(scale * high)}`;
}

/** `+27 points (95 % interval 14 to 39)` */
export function describeGain(gain: Gain, share: boolean): string {
  const hold = (value: number) => (share ? Math.max(-1, Math.min(1, value)) : value);
  const range = showEffectRange(hold(gain.low), hold(gain.high), share);
  return `${showEffect(gain.mean, share)}${share ? " points" : ""} (95 % interval ${range})`;
}

/** `0.97`, `> 0.999`: for a column that says what it is. */
export function showChance(probability: number): string {
  return showProbability(probability).replace(/^P (= )?/, "");
}

export function showCount(count: number): string {
  return grouped.format(count);
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

export function showUsd(usd: number | null): string {
  if (usd === null) return "price unknown";
  return usd >= 1 || usd === 0 ? `$${usd.toFixed(2)}` : `$${usd.toFixed(4)}`;
}

export function showSeconds(seconds: number): string {
  if (seconds < 60) return `${seconds.toFixed(seconds < 10 ? 2 : 1)} s`;
  const minutes = Math.floor(Math.round(seconds) / 60);
  if (minutes < 60) return `${minutes} min ${Math.round(seconds) % 60} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
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

function signed(value: number): string {
  const text = short(value);
  return text.startsWith("−") || text === "0" ? text : `+${text}`;
}
