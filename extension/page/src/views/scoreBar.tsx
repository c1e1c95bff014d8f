// Baseline and tuned score with their intervals, small enough for a line of a list.
import { scaleLinear } from "d3-scale";
import type { JSX } from "preact";
import type { Score } from "../../../src/protocol.ts";
import { isShare, showScore } from "../data/numbers.ts";

const WIDTH = 200;
const HEIGHT = 30;

export function ScoreBar({ baseline, tuned }: { baseline: Score | null; tuned: Score | null }): JSX.Element {
  const scores = [baseline, tuned].filter((one) => one !== null);
  const share = scores.every(isShare);
  const ends: [number, number] = share
    ? [0, 1]
    : [Math.min(...scores.map((one) => one.low)), Math.max(...scores.map((one) => one.high))];
  const x = scaleLinear()
    .domain(ends)
    .range([6, WIDTH - 6]);
  const said = [
    baseline && `baseline ${showScore(baseline.score, share)}`,
    tuned && `tuned ${showScore(tuned.score, share)}`,
  ];
  return (
    <svg
      class="score-bar"
      role="img"
      aria-label={said.filter(Boolean).join(", ")}
      width={WIDTH}
      height={HEIGHT}
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
    >
      <line class="grid" x1={6} x2={WIDTH - 6} y1={HEIGHT / 2} y2={HEIGHT / 2} />
      {baseline && <Whisker score={baseline} x={x} y={9} kind="baseline" />}
      {tuned && <Whisker score={tuned} x={x} y={21} kind="tuned" />}
    </svg>
  );
}

function Whisker({
  score,
  x,
  y,
  kind,
}: {
  score: Score;
  x: (value: number) => number;
  y: number;
  kind: string;
}): JSX.Element {
  return (
    <g class={kind}>
      <line class={`whisker ${kind}`} x1={x(score.low)} x2={x(score.high)} y1={y} y2={y} />
      <circle class={`dot ${kind}`} cx={x(score.score)} cy={y} r={4} />
    </g>
  );
}
