// Instructions and demo sets: what each does to the score, and how its words differ from those it came with.
import type { JSX } from "preact";
import type { LevelEffect, SearchReport } from "../../../src/protocol.ts";
import { Forest } from "../charts/forest.tsx";
import { showCount, showEffect } from "../data/numbers.ts";
import { WordDiff } from "./wordDiff.tsx";

/** Lines of a picture of effects; all are in its numbers. */
export const MOST_LINES = 24;

export function Levels({
  search,
  kind,
  title,
  several,
  share,
}: {
  search: SearchReport;
  kind: LevelEffect["kind"];
  title: string;
  several: boolean;
  share: boolean;
}): JSX.Element | null {
  const levels = search.effects.filter((one) => one.kind === kind).sort((a, b) => b.mean - a.mean || a.level - b.level);
  const used = levels.filter((one) => one.n > 0 || one.level === 0);
  if (levels.length < 2) return null;
  const left = levels.length - Math.min(used.length, MOST_LINES);
  const name = (one: LevelEffect) => `${several ? `${one.predictor} ` : ""}${one.level} ${one.name}`;
  return (
    <Forest
      title={title}
      summary={`${levels.length} of them; the best is ${name(levels[0] as LevelEffect)}.`}
      note={left > 0 ? `The used ones; ${showCount(left)} more are in the numbers.` : ""}
      rows={used.slice(0, MOST_LINES).map((one) => ({
        label: name(one),
        mean: one.mean,
        low: one.low,
        high: one.high,
        note: one.level === 0 ? "as it came" : `${showEffect(one.mean, share)}, n ${one.n}`,
        color: one.level === 0 ? "baseline" : one.low > 0 ? "tuned" : "candidate",
      }))}
      table={{
        columns: [
          { name: "predictor" },
          { name: "number" },
          { name: "name" },
          { name: "effect", show: (value) => showEffect(value, share) },
          { name: "low", show: (value) => showEffect(value, share) },
          { name: "high", show: (value) => showEffect(value, share) },
          { name: "rollouts", show: showCount },
          { name: "text" },
        ],
        rows: levels.map((one) => [one.predictor, one.level, one.name, one.mean, one.low, one.high, one.n, one.text]),
      }}
      reference={0}
      show={(value) => showEffect(value, share)}
    />
  );
}

export function InstructionTexts({
  effects,
  several,
}: {
  effects: LevelEffect[];
  several: boolean;
}): JSX.Element | null {
  const levels = effects
    .filter((one) => one.kind === "instruction" && one.level > 0 && one.n > 0)
    .sort((a, b) => b.mean - a.mean);
  const own = new Map(
    effects.filter((one) => one.kind === "instruction" && one.level === 0).map((one) => [one.predictor, one.text]),
  );
  if (levels.length === 0) return null;
  return (
    <div class="card stack">
      <h3>Instructions tried, against the one it came with</h3>
      {levels.slice(0, MOST_LINES).map((one) => (
        <details key={`${one.predictor} ${one.level}`}>
          <summary>
            {several ? `${one.predictor}: ` : ""}
            {one.level} {one.name}, {one.n} rollouts
          </summary>
          <WordDiff before={own.get(one.predictor) ?? ""} after={one.text} />
        </details>
      ))}
      {levels.length > MOST_LINES && (
        <p class="note">{showCount(levels.length - MOST_LINES)} more are in the numbers of their effects.</p>
      )}
    </div>
  );
}
