// Score against program calls: every candidate where it was last measured, with its interval, over the baseline's.
import { area, curveStepAfter, line } from "d3-shape";
import type { JSX } from "preact";
import type { BatchClosed } from "../../../src/protocol.ts";
import { ranked, type Tally, trajectory } from "../data/cells.ts";
import { isShare, showCount, showRange, showScore } from "../data/numbers.ts";
import { evenly, thinOut } from "../data/thinning.ts";
import type { Table } from "../data/table.ts";
import { Axes, makeScales, MARGINS } from "./axes.tsx";
import { Frame, type Key, type Size } from "./frame.tsx";
import { usePointing } from "./pointing.ts";
import { Readout } from "./readout.tsx";

const MOST_MARKS = 500;
const MOST_POINTS = 300;
/** The best of them are named by colour and keep their intervals however many there are. */
const BEST = 8;

interface ScoreChartProps {
  tallies: Tally[];
  names: Map<string, string>;
  baseline: string | null;
  batches: BatchClosed[];
  selected: string | null;
  onSelect(candidate: string): void;
}

export function ScoreChart(props: ScoreChartProps): JSX.Element {
  const { tallies, names, baseline, batches, selected } = props;
  const best = ranked(tallies)
    .filter((one) => one.id !== baseline)
    .slice(0, BEST);
  const share = tallies.every((one) => isShare(one.score));
  const top = best[0];
  const keys: Key[] = [
    ...(tallies.length > best.length + 1 ? [{ name: "candidate", color: "candidate", mark: "dot" } as const] : []),
    ...(best.length
      ? [
          {
            name: best.length > 1 ? `the ${best.length} surest` : "the other candidate",
            color: "tuned",
            mark: "dot",
          } as const,
        ]
      : []),
    ...(baseline ? [{ name: "baseline, 95 % interval", color: "baseline", mark: "band" } as const] : []),
    ...(batches.length
      ? [{ name: "what the search believes of its leader", color: "belief", mark: "line" } as const]
      : []),
    ...(selected
      ? [{ name: `chosen: ${names.get(selected) ?? selected}`, color: "chosen", mark: "line" } as const]
      : []),
  ];
  return (
    <Frame
      title="Score against calls"
      note="Each dot is a candidate, at its mean score and the program call it was last measured with; whiskers hold 95 %, and the surest are those whose low end is highest. Choose one to see how its score came about."
      summary={`${showCount(tallies.length)} candidates. ${top ? `Surest is ${names.get(top.id) ?? top.id} with ${showScore(top.score.score, share)} over ${top.score.n} examples.` : ""}`}
      height={340}
      table={scoreTable(tallies, names, share)}
      keys={keys}
      onChoose={props.onSelect}
    >
      {(size) => <Marks {...props} size={size} best={best} share={share} />}
    </Frame>
  );
}

function Marks(props: ScoreChartProps & { size: Size; best: Tally[]; share: boolean }): JSX.Element {
  const { tallies, names, baseline, batches, selected, onSelect, size, best, share } = props;
  const bestIds = new Set(best.map((one) => one.id));
  const mustStay = (one: Tally) => bestIds.has(one.id) || one.id === baseline || one.id === selected;
  const shown = thinOut(
    tallies,
    (one) => one.last,
    (one) => one.score.score,
    mustStay,
    MOST_MARKS,
  );
  const calls = Math.max(1, ...tallies.slice(-1).map((one) => one.last), ...shown.map((one) => one.last));
  const scales = makeScales(size, [0, calls], bounds(shown, share));
  const { x, y } = scales;
  const pointing = usePointing(
    shown,
    (one) => ({ x: x(one.last), y: y(one.score.score) }),
    (one) => onSelect(one.id),
  );
  const base = tallies.find((one) => one.id === baseline);
  const chosen = tallies.find((one) => one.id === selected);
  const believed = evenly(batches, MOST_POINTS);
  const beliefLine = line<BatchClosed>(
    (batch) => x(Math.min(batch.rollouts, calls)),
    (batch) => y(batch.mean),
  ).curve(curveStepAfter);
  const whiskers = shown.length <= 60 ? shown : shown.filter(mustStay);
  return (
    <>
      <Axes
        size={size}
        scales={scales}
        xLabel="program calls"
        showX={showCount}
        showY={(value) => showScore(value, share)}
      />
      {base && (
        <g class="baseline">
          <rect
            class="band"
            x={MARGINS.left}
            width={size.width - MARGINS.left - MARGINS.right}
            y={y(base.score.high)}
            height={Math.max(0, y(base.score.low) - y(base.score.high))}
          />
          <line
            class="dash"
            x1={MARGINS.left}
            x2={size.width - MARGINS.right}
            y1={y(base.score.score)}
            y2={y(base.score.score)}
          />
        </g>
      )}
      {believed.length > 1 && <path class="belief line" d={beliefLine(believed) ?? ""} />}
      {whiskers.map((one) => (
        <line
          key={one.id}
          class={`whisker ${kindOf(one, bestIds, baseline)}`}
          x1={x(one.last)}
          x2={x(one.last)}
          y1={y(one.score.low)}
          y2={y(one.score.high)}
        />
      ))}
      {shown.map((one) => (
        <circle
          key={one.id}
          class={`dot ${kindOf(one, bestIds, baseline)}`}
          cx={x(one.last)}
          cy={y(one.score.score)}
          r={bestIds.has(one.id) ? 5 : 3.5}
        />
      ))}
      {chosen && <Path one={chosen} scales={scales} />}
      <rect class="sensor" data-live x={0} y={0} width={size.width} height={size.height} {...pointing.on} />
      {pointing.item && (
        <Readout
          at={{ x: x(pointing.item.last), y: y(pointing.item.score.score) }}
          size={size}
          lines={[
            names.get(pointing.item.id) ?? pointing.item.id,
            `${showScore(pointing.item.score.score, share)} (${showRange(pointing.item.score.low, pointing.item.score.high, share)}), n = ${pointing.item.score.n}`,
            `calls ${showCount(pointing.item.first)} to ${showCount(pointing.item.last)}`,
          ]}
        />
      )}
    </>
  );
}

/** How the chosen candidate's score came about, call by call. */
function Path({ one, scales: { x, y } }: { one: Tally; scales: ReturnType<typeof makeScales> }): JSX.Element {
  const points = evenly(trajectory(one), MOST_POINTS);
  const band = area<(typeof points)[number]>(
    (point) => x(point.calls),
    (point) => y(point.low),
    (point) => y(point.high),
  );
  const mean = line<(typeof points)[number]>(
    (point) => x(point.calls),
    (point) => y(point.mean),
  );
  return (
    <g class="chosen">
      <path class="band" d={band(points) ?? ""} />
      <path class="line" d={mean(points) ?? ""} />
      <circle class="ring" cx={x(one.last)} cy={y(one.score.score)} r={8} />
    </g>
  );
}

function kindOf(one: Tally, best: Set<string>, baseline: string | null): string {
  return one.id === baseline ? "baseline" : best.has(one.id) ? "tuned" : "candidate";
}

function bounds(tallies: readonly Tally[], share: boolean): [number, number] {
  if (share) return [0, 1];
  return [Math.min(...tallies.map((one) => one.score.low)), Math.max(...tallies.map((one) => one.score.high))];
}

function scoreTable(tallies: readonly Tally[], names: Map<string, string>, share: boolean): Table {
  const show = (value: number) => showScore(value, share);
  return {
    columns: [
      { name: "candidate" },
      { name: "name" },
      { name: "score", show },
      { name: "low", show },
      { name: "high", show },
      { name: "examples", show: showCount },
      { name: "unparsed", show: showCount },
      { name: "first call", show: showCount },
      { name: "last call", show: showCount },
    ],
    rows: ranked(tallies).map((one) => [
      one.id,
      names.get(one.id) ?? null,
      one.score.score,
      one.score.low,
      one.score.high,
      one.score.n,
      one.unparsed,
      one.first,
      one.last,
    ]),
  };
}
