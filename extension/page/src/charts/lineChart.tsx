// Curves over one axis.
import { area, curveLinear, curveStepAfter, line } from "d3-shape";
import type { ComponentChildren, JSX } from "preact";
import { decimate } from "../data/thinning.ts";
import type { Table } from "../data/table.ts";
import { Axes, makeScales, type Scales } from "./axes.tsx";
import { Frame, type Size } from "./frame.tsx";
import { type Spot, usePointing } from "./pointing.ts";
import { Readout } from "./readout.tsx";

export interface Point {
  x: number;
  y: number;
  low?: number;
  high?: number;
}

export interface Series {
  name: string;
  /** A class that sets `--c`. */
  color: string;
  /** In the order of x. */
  points: Point[];
  mark?: "line" | "dots" | "dash" | "step";
}

interface LineChartProps {
  title: string;
  note?: string;
  summary: string;
  series: Series[];
  xLabel: string;
  showX(value: number): string;
  showY(value: number): string;
  table?: Table;
  /** Of y; by default from 0 to the highest. */
  domain?: [number, number];
  height?: number;
  controls?: ComponentChildren;
}

const MOST_POINTS = 400;

export function LineChart({ series, height = 240, table, ...props }: LineChartProps): JSX.Element {
  const shown = series
    .filter((one) => one.points.length > 0)
    .map((one) => ({
      ...one,
      points: decimate(
        one.points,
        (point) => point.x,
        (point) => point.y,
        MOST_POINTS,
      ),
    }));
  const keys = shown.map(({ name, color, mark }) => ({
    name,
    color,
    mark: mark === "dots" ? ("dot" as const) : mark === "dash" ? ("dash" as const) : ("line" as const),
  }));
  return (
    <Frame
      title={props.title}
      {...(props.note ? { note: props.note } : {})}
      summary={props.summary}
      height={height}
      table={table ?? tableOf(series, props)}
      keys={keys.length > 1 ? keys : []}
      controls={props.controls}
    >
      {(size) => <Curves size={size} series={shown} {...props} />}
    </Frame>
  );
}

type CurvesProps = Pick<LineChartProps, "series" | "xLabel" | "showX" | "showY" | "domain"> & { size: Size };

function Curves({ size, series, xLabel, showX, showY, domain }: CurvesProps): JSX.Element {
  const points = series.flatMap((one) => one.points);
  const xs = extent(points.map((point) => point.x));
  const ys = domain ?? [0, extent(points.flatMap((point) => [point.y, point.high ?? point.y]))[1]];
  const scales = makeScales(size, xs, ys);
  const items = series.flatMap((one) => one.points.map((point) => ({ name: one.name, point })));
  const place = ({ point }: { point: Point }): Spot => ({ x: scales.x(point.x), y: scales.y(point.y) });
  const pointing = usePointing(items, place);
  return (
    <>
      <Axes size={size} scales={scales} xLabel={xLabel} showX={showX} showY={showY} />
      {series.map((one) => (
        <Curve key={one.name} series={one} scales={scales} />
      ))}
      <rect class="sensor" data-live x={0} y={0} width={size.width} height={size.height} {...pointing.on} />
      {pointing.item && (
        <Readout
          at={place(pointing.item)}
          size={size}
          lines={[pointing.item.name, `${showY(pointing.item.point.y)} at ${showX(pointing.item.point.x)} ${xLabel}`]}
        />
      )}
    </>
  );
}

function Curve({ series, scales: { x, y } }: { series: Series; scales: Scales }): JSX.Element {
  const { points, color, mark = "line" } = series;
  const band = points.some((point) => point.low !== undefined);
  const ribbon = area<Point>(
    (point) => x(point.x),
    (point) => y(point.low ?? point.y),
    (point) => y(point.high ?? point.y),
  );
  const curve = line<Point>(
    (point) => x(point.x),
    (point) => y(point.y),
  ).curve(mark === "step" ? curveStepAfter : curveLinear);
  return (
    <g class={color}>
      {band && <path class="band" d={ribbon(points) ?? ""} />}
      <path class={mark === "dash" ? "dash" : mark === "dots" ? "line thin" : "line"} d={curve(points) ?? ""} />
      {(mark === "dots" || points.length === 1) &&
        points.map((point, place) => <circle key={place} class="dot" cx={x(point.x)} cy={y(point.y)} r={4} />)}
    </g>
  );
}

function tableOf(
  series: readonly Series[],
  { xLabel, showX, showY }: Pick<LineChartProps, "xLabel" | "showX" | "showY">,
): Table {
  return {
    columns: [{ name: "curve" }, { name: xLabel, show: showX }, { name: "value", show: showY }],
    rows: series.flatMap((one) => one.points.map((point) => [one.name, point.x, point.y])),
  };
}

function extent(values: readonly number[]): [number, number] {
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return low <= high ? [low, high] : [0, 1];
}
