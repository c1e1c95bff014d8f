// What was known of the candidates that matter, call by call.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { ranked, type Tally, trajectory } from "../data/cells.ts";
import { isShare, showCount, showScore } from "../data/numbers.ts";
import { LineChart, type Series } from "./lineChart.tsx";

interface BeliefProps {
  tallies: Tally[];
  names: Map<string, string>;
  baseline: string | null;
  selected: string | null;
}

const SHOWN = 5;
/** A line starts once there are so many scores: before, it only jumps. */
const FIRST = 3;

const ORDERS = {
  surest: (tallies: Tally[]) => ranked(tallies),
  "most calls": (tallies: Tally[]) => tallies.toSorted((a, b) => b.score.n - a.score.n || a.first - b.first),
} as const;

export function BeliefChart({ tallies, names, baseline, selected }: BeliefProps): JSX.Element {
  const [order, setOrder] = useState<keyof typeof ORDERS>("most calls");
  const others = ORDERS[order](tallies).filter((one) => one.id !== baseline && one.id !== selected);
  const chosen = tallies.filter((one) => one.id === selected && one.id !== baseline);
  const base = tallies.filter((one) => one.id === baseline);
  const lines = [...chosen, ...others.slice(0, SHOWN - chosen.length)];
  const share = tallies.every((one) => isShare(one.score));
  const series: Series[] = [
    ...base.map((one) => seriesOf(one, names, "baseline", true)),
    ...lines.map((one, place) =>
      seriesOf(one, names, one.id === selected ? "chosen" : `s${place % 6}`, one.id === selected || place === 0),
    ),
  ];
  return (
    <LineChart
      title="Belief over time"
      note="The mean of each after every one of its calls; bands hold 95 %, for the baseline, the first and the chosen one."
      summary={`${lines.length} candidates beside the baseline.`}
      series={series}
      xLabel="program calls"
      showX={showCount}
      showY={(value) => showScore(value, share)}
      {...(share ? { domain: [0, 1] as [number, number] } : {})}
      height={300}
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

function seriesOf(one: Tally, names: Map<string, string>, color: string, withBand: boolean): Series {
  const believed = trajectory(one);
  const points = believed
    .slice(Math.min(FIRST, believed.length) - 1)
    .map(({ calls, mean, low, high }) => (withBand ? { x: calls, y: mean, low, high } : { x: calls, y: mean }));
  return { name: names.get(one.id) ?? one.id, color, points, mark: color === "baseline" ? "dash" : "line" };
}
