// The lines and words around a picture.
import { scaleLinear, type ScaleLinear } from "d3-scale";
import type { JSX } from "preact";
import type { Size } from "./frame.tsx";

export interface Margins {
  top: number;
  right: number;
  bottom: number;
  left: number;
}

export interface Scales {
  x: ScaleLinear<number, number>;
  y: ScaleLinear<number, number>;
}

export const MARGINS: Margins = { top: 12, right: 16, bottom: 34, left: 58 };

export function makeScales(size: Size, xs: [number, number], ys: [number, number], margins = MARGINS): Scales {
  const x = scaleLinear()
    .domain(apart(xs))
    .range([margins.left, size.width - margins.right]);
  const y = scaleLinear()
    .domain(apart(ys))
    .range([size.height - margins.bottom, margins.top]);
  return { x, y: y.nice(5) };
}

/** A scale of one value would put everything at its beginning. */
function apart([low, high]: [number, number]): [number, number] {
  return high > low ? [low, high] : [low - 0.5, high + 0.5];
}

interface AxesProps {
  size: Size;
  scales: Scales;
  xLabel: string;
  showX(value: number): string;
  showY(value: number): string;
  margins?: Margins;
}

export function Axes({ size, scales: { x, y }, xLabel, showX, showY, margins = MARGINS }: AxesProps): JSX.Element {
  const bottom = size.height - margins.bottom;
  return (
    <g class="axes">
      {y.ticks(5).map((tick) => (
        <g key={tick}>
          <line class="grid" x1={margins.left} x2={size.width - margins.right} y1={y(tick)} y2={y(tick)} />
          <text x={margins.left - 8} y={y(tick)} text-anchor="end" dominant-baseline="central">
            {showY(tick)}
          </text>
        </g>
      ))}
      {x.ticks(Math.max(2, Math.floor(size.width / 110))).map((tick) => (
        <text key={tick} x={x(tick)} y={bottom + 16} text-anchor="middle">
          {showX(tick)}
        </text>
      ))}
      <line class="base" x1={margins.left} x2={size.width - margins.right} y1={bottom} y2={bottom} />
      <text class="label" x={size.width - margins.right} y={size.height - 3} text-anchor="end">
        {xLabel}
      </text>
    </g>
  );
}
