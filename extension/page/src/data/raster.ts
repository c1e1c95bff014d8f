// Which candidate was run at which program call, small enough to draw.
import type { CellLog, Tally } from "./cells.ts";

export interface RasterMark {
  /** Program calls, in the middle of those it stands for. */
  calls: number;
  n: number;
  score: number;
  unparsed: number;
}

export interface RasterRow {
  id: string;
  n: number;
  marks: RasterMark[];
}

/** The candidates with the most calls, in the order they were first run; calls that share a column are one mark. */
export function raster(log: CellLog, tallies: readonly Tally[], mostRows: number, columns: number): RasterRow[] {
  const shown = tallies
    .toSorted((a, b) => b.score.n - a.score.n || a.first - b.first)
    .slice(0, mostRows)
    .sort((a, b) => a.first - b.first);
  const width = Math.max(1, log.candidate.length / columns);
  return shown.map((one) => ({ id: one.id, n: one.score.n, marks: marks(one, log, width) }));
}

function marks(one: Tally, log: CellLog, width: number): RasterMark[] {
  const found = new Map<number, RasterMark>();
  one.calls.forEach((calls, place) => {
    const column = Math.floor((calls - 1) / width);
    const known = found.get(column) ?? { calls: Math.round((column + 0.5) * width + 0.5), n: 0, score: 0, unparsed: 0 };
    const n = known.n + 1;
    const score = known.score + ((one.values[place] ?? 0) - known.score) / n;
    found.set(column, { ...known, n, score, unparsed: known.unparsed + Number(log.unparsed[calls - 1] ?? false) });
  });
  return [...found.values()];
}
