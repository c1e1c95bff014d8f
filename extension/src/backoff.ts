// How long to wait before the server is started again, and when to stop trying.

export const FIRST_MS = 250;
export const LONGEST_MS = 30_000;
/** A server that served so long is healthy: its next end counts as the first. */
export const HEALTHY_MS = 60_000;
/** So many starts in a row without an answer are enough. */
export const FAILED_STARTS = 3;

/** Twice as long each time. `ends`: how often it ended in a row, from 1. */
export function waitAfter(ends: number): number {
  return Math.min(FIRST_MS * 2 ** (ends - 1), LONGEST_MS);
}
