// What was believed of the candidates that matter: the search's posterior, or their running means where it tells none.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { type Batch, beliefsOf } from "../data/batches.ts";
import { type Believed, ranked, type Tally, trajectory } from "../data/cells.ts";
import { isShare, showCount, showScore } from "../data/numbers.ts";
import { LineChart, type Point, type Series } from "./lineChart.tsx";

interface BeliefProps {
  tallies: Tally[];
  batches: Batch[];
  names: Map<string, string>;
  baseline: string | null;
  selected: string | null;
}

const SHOWN = 5;
/** A running mean starts once there are so many scores: before, it only jumps. */
const FIRST = 3;

const POSTERIOR =
  "What the search believes each one's score on all examples to be, after every batch; a line ends where its candidate was neither measured nor among the best.";
const RUNNING_MEANS = "The mean of each after every one of its calls.";

const ORDERS = {
  surest: (tallies: Tally[]) => ranked(tallies),
  "most calls": (tallies: Tally[]) => tallies.toSorted((a, b) => b.score.n - a.score.n || a.first - b.first),
} as const;

export function BeliefChart({ tallies, batches, names, baseline, selected }: BeliefProps): JSX.Element {
  const [order, setOrder] = useState<keyof typeof ORDERS>("most calls");
  const others = ORDERS[order](tallies).filter((one) => one.id !== baseline && one.id !== selected);
  const chosen = tallies.filter((one) => one.id === selected && one.id !== baseline);
  const base = tallies.filter((one) => one.id === baseline);
  const lines = [...chosen, ...others.slice(0, SHOWN - chosen.length)];
  const share = tallies.every((one) => isShare(one.score));
  const posterior = beliefsOf(batches);
  const believed = (one: Tally) => (posterior.size > 0 ? (posterior.get(one.id) ?? []) : runningMeans(one));
  const curves = [...base, ...lines].map((one) => ({
    id: one.id,
    name: names.get(one.id) ?? one.id,
    believed: believed(one),
  }));
  const series: Series[] = curves.map(({ id, name, believed }, place) => ({
    name,
    color: id === baseline ? "baseline" : id === selected ? "chosen" : `s${(place - base.length) % 6}`,
    points: pointsOf(believed, id === baseline || id === selected || place === base.length, share),
    mark: id === baseline ? "dash" : "line",
  }));
  const show = (value: number) => showScore(value, share);
  return (
    <LineChart
      title="Belief over time"
      note={`${posterior.size > 0 ? POSTERIOR : RUNNING_MEANS} Bands hold 95 %, for the baseline, the first and the chosen one.`}
      summary={`${lines.length} candidates beside the baseline.`}
      series={series}
      xLabel="program calls"
      showX={showCount}
      showY={show}
      {...(share ? { domain: [0, 1] as [number, number] } : {})}
      height={300}
      table={{
        columns: [
          { name: "candidate" },
          { name: "program calls", show: showCount },
          { name: "mean", show },
          { name: "low", show },
          { name: "high", show },
        ],
        rows: curves.flatMap(({ name, believed }) =>
          believed.map(({ calls, mean, low, high }) => [name, calls, mean, low, high]),
        ),
      }}
      controls={
        <select
          aria-label="which candidates"
          value={order}
          onChange={(event) => setOrder(event.currentTarget.value as keyof typeof ORDERS)}
        >
          {Object.keys(ORDERS).map((name) => (
            <option key={name}>{name}</option>
          ))}
        </select>
      }
    />
  );
}

function runningMeans(one: Tally): Believed[] {
  const means = trajectory(one);
  return means.slice(Math.min(FIRST, means.length) - 1);
}

/** A normal posterior of a share may pass the ends of its scale by a little. */
function pointsOf(believed: readonly Believed[], withBand: boolean, share: boolean): Point[] {
  const within = (value: number) => (share ? Math.max(0, Math.min(1, value)) : value);
  return believed.map(({ calls, mean, low, high }) => {
    const point = { x: calls, y: within(mean) };
    return withBand ? { ...point, low: within(low), high: within(high) } : point;
  });
}
