// A search's report, shaped for pictures.
import type { ArmEstimate, Factor, LevelEffect, SearchReport } from "../../../src/protocol.ts";

export interface GridCell {
  row: number;
  column: number;
  n: number;
  score: number;
}

export interface Grid {
  rows: number[];
  columns: number[];
  cells: GridCell[];
}

/** Levels of a factor a grid shows: more than that is no picture. */
const MOST_LEVELS = 40;

/** Every combination's place by two of the factors: the mean over all that share it, weighted by their examples. */
export function combinationGrid(search: SearchReport, rowFactor: number, columnFactor: number): Grid {
  const sums = new Map<string, { row: number; column: number; n: number; total: number }>();
  const rowUse = new Map<number, number>();
  const columnUse = new Map<number, number>();
  for (const arm of search.measured) {
    if (arm.n === 0 || arm.score === null) continue;
    const row = arm.levels[rowFactor] ?? 0;
    const column = arm.levels[columnFactor] ?? 0;
    const key = `${row} ${column}`;
    const sum = sums.get(key) ?? { row, column, n: 0, total: 0 };
    sums.set(key, { ...sum, n: sum.n + arm.n, total: sum.total + arm.n * arm.score });
    rowUse.set(row, (rowUse.get(row) ?? 0) + arm.n);
    columnUse.set(column, (columnUse.get(column) ?? 0) + arm.n);
  }
  const rows = mostUsed(rowUse);
  const columns = mostUsed(columnUse);
  const [shownRows, shownColumns] = [new Set(rows), new Set(columns)];
  const cells = [...sums.values()]
    .filter((sum) => shownRows.has(sum.row) && shownColumns.has(sum.column))
    .map(({ row, column, n, total }) => ({ row, column, n, score: total / n }));
  return { rows, columns, cells };
}

function mostUsed(use: Map<number, number>): number[] {
  const levels = [...use].sort((a, b) => b[1] - a[1] || a[0] - b[0]).slice(0, MOST_LEVELS);
  return levels.map(([level]) => level).sort((a, b) => a - b);
}

export function describeFactor(factor: Factor): string {
  return `${factor.kind === "demos" ? "demos" : "instruction"} of ${factor.predictor}`;
}

/** `instruction 5 (reflection) + demos “diverse”` */
export function describeArm(search: SearchReport, arm: ArmEstimate): string {
  if (arm.levels.every((level) => level === 0)) return "as it came";
  const several = new Set(search.factors.map((factor) => factor.predictor)).size > 1;
  const parts = search.factors.flatMap((factor, place) => {
    const level = arm.levels[place] ?? 0;
    if (level === 0) return [];
    const name = effectOf(search, factor, level)?.name;
    const what = factor.kind === "demos" ? `demos ${name ? `“${name}”` : level}` : `instruction ${level}`;
    const view = factor.kind === "instruction" && name ? ` (${name})` : "";
    return [`${several ? `${factor.predictor}: ` : ""}${what}${view}`];
  });
  return parts.join(" + ");
}

export function effectOf(search: SearchReport, factor: Factor, level: number): LevelEffect | undefined {
  return search.effects.find(
    (one) => one.predictor === factor.predictor && one.kind === factor.kind && one.level === level,
  );
}
