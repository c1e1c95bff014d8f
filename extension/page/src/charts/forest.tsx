// Effects or scores with their intervals, one a line.
import { scaleLinear } from "d3-scale";
import type { JSX } from "preact";
import type { Table } from "../data/table.ts";
import { Frame, type Key } from "./frame.tsx";

export interface ForestRow {
  label: string;
  mean: number;
  low: number;
  high: number;
  /** Said at the right end. */
  note: string;
  /** A class that sets `--c`. */
  color: string;
}

interface ForestProps {
  title: string;
  note?: string;
  summary: string;
  rows: ForestRow[];
  table: Table;
  keys?: Key[];
  /** A line to compare with: 0 for effects. */
  reference: number | null;
  domain?: [number, number];
  show(value: number): string;
}

const ROW = 26;
const TOP = 6;
const BOTTOM = 28;
const LETTER = 6.6;

export function Forest({ rows, reference, domain, show, ...frame }: ForestProps): JSX.Element {
  const height = TOP + rows.length * ROW + BOTTOM;
  const notes = Math.max(0, ...rows.map((row) => row.note.length)) * LETTER + 12;
  const longest = Math.max(0, ...rows.map((row) => row.label.length)) * LETTER + 16;
  return (
    <Frame {...frame} height={height}>
      {({ width }) => {
        const left = Math.min(longest, width * 0.42);
        const ends = domain ?? extent(rows, reference);
        const x = scaleLinear()
          .domain(ends)
          .nice(4)
          .range([left, Math.max(left + 40, width - notes)]);
        const letters = Math.floor((left - 15) / LETTER);
        return (
          <>
            {x.ticks(4).map((tick) => (
              <g key={tick} class="axes">
                <line class="grid" x1={x(tick)} x2={x(tick)} y1={TOP} y2={height - BOTTOM} />
                <text x={x(tick)} y={height - BOTTOM + 17} text-anchor="middle">
                  {show(tick)}
                </text>
              </g>
            ))}
            {reference !== null && (
              <line class="base" x1={x(reference)} x2={x(reference)} y1={TOP} y2={height - BOTTOM} />
            )}
            {rows.map((row, place) => {
              const y = TOP + (place + 0.5) * ROW;
              return (
                <g key={place} class={row.color}>
                  <text class="strong" x={0} y={y} dominant-baseline="central">
                    {row.label.length > letters ? `${row.label.slice(0, Math.max(1, letters - 1))}…` : row.label}
                  </text>
                  <line class={`whisker ${row.color}`} x1={x(row.low)} x2={x(row.high)} y1={y} y2={y} />
                  <circle class={`dot ${row.color}`} cx={x(row.mean)} cy={y} r={4.5} />
                  <text x={width} y={y} text-anchor="end" dominant-baseline="central">
                    {row.note}
                  </text>
                </g>
              );
            })}
          </>
        );
      }}
    </Frame>
  );
}

function extent(rows: readonly ForestRow[], reference: number | null): [number, number] {
  const ends = rows.flatMap((row) => [row.low, row.high]);
  if (reference !== null) ends.push(reference);
  const [low, high] = [Math.min(...ends), Math.max(...ends)];
  return high > low ? [low, high] : [low - 0.1, high + 0.1];
}
