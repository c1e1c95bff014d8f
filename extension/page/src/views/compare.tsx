// Two runs side by side: what they came to, how, and what their programs differ in.
import type { JSX } from "preact";
import { useContext, useEffect, useRef, useState } from "preact/hooks";
import { Forest } from "../charts/forest.tsx";
import { LineChart, type Series } from "../charts/lineChart.tsx";
import { ranked } from "../data/cells.ts";
import { compareDemos, difference, keptScore } from "../data/compareRuns.ts";
import {
  describeGain,
  isShare,
  showCount,
  showEffect,
  showEffectRange,
  showProbability,
  showRange,
  showScore,
  showSeconds,
  showUsd,
} from "../data/numbers.ts";
import type { Value } from "../data/table.ts";
import { renderReport } from "../export/report.ts";
import { HostContext } from "../model/hostContext.ts";
import { followRun, type RunModel } from "../model/runModel.ts";
import { DataTable } from "./dataTable.tsx";
import { DemoCard } from "./demos.tsx";
import { Failure } from "./failure.tsx";
import { Link } from "./link.tsx";
import { Part } from "./part.tsx";
import { type Program, programOf, ProgramsCompared } from "./programsCompared.tsx";

const COLORS = ["s0", "s1"] as const;

export function Compare({ runs }: { runs: [string, string] }): JSX.Element {
  const host = useContext(HostContext);
  const sheet = useRef<HTMLElement>(null);
  const models = useRuns(runs);
  if (!models) return <p class="quiet-text">Reading both runs…</p>;
  const failure = models[0].failure.value ?? models[1].failure.value;
  const [left, right] = [models[0].picture.value, models[1].picture.value];
  if (!left || !right) return failure ? <Failure message={failure} /> : <p class="quiet-text">Reading both runs…</p>;
  const kept = [keptScore(left.summary.report), keptScore(right.summary.report)] as const;
  const share = kept.every((score) => !score || isShare(score));
  const apart = kept[0] && kept[1] ? difference(kept[0], kept[1]) : null;
  const sameTarget = left.summary.target === right.summary.target;
  const demos = compareDemos(left.artifact?.demos ?? [], right.artifact?.demos ?? []);
  return (
    <article class="sheet" ref={sheet}>
      {failure && <Failure message={failure} />}
      <header class="outcome">
        <div class="line">
          <h1>Two runs of {sameTarget ? left.summary.target : `${left.summary.target} and ${right.summary.target}`}</h1>
          <button
            type="button"
            data-live
            onClick={() =>
              sheet.current &&
              void host.save(`${runs.join("-and-")}.html`, renderReport(sheet.current, runs.join(" and ")))
            }
          >
            Save report
          </button>
        </div>
        {!sameTarget && <p class="warning">They are of different targets: their scores may not mean the same.</p>}
        {kept[0] && kept[1] && (
          <p class="change">
            <span class="s0 side">{showScore(kept[0].score, share)}</span>
            <span class="was between">against</span>
            <span class="s1 side">{showScore(kept[1].score, share)}</span>
          </p>
        )}
        {apart && (
          <p class="gain">
            Second minus first: {showEffect(apart.mean, share)}
            {share ? " points" : ""} (95 % interval {showEffectRange(apart.low, apart.high, share)}), taken as
            independent.
          </p>
        )}
      </header>
      <div class="card">
        <DataTable
          caption="Both runs"
          table={{ columns: [{ name: "what" }, { name: runs[0] }, { name: runs[1] }], rows: figures(models, share) }}
        />
      </div>
      <Forest
        title="Scores"
        note="What each started from and what it came to; whiskers hold 95 %."
        summary={kept
          .map((score, place) => `${runs[place]}: ${score ? showScore(score.score, share) : "not scored"}`)
          .join(", ")}
        {...scoreRows(models, share)}
        reference={null}
        {...(share ? { domain: [0, 1] as [number, number] } : {})}
        show={(value) => showScore(value, share)}
      />
      <LineChart
        title="The best so far, against calls"
        note="The highest mean of a candidate measured at least as often as half of its run's candidates were."
        summary="One curve a run."
        series={models.map((model, place) => bestSoFar(model, COLORS[place] ?? "s0"))}
        xLabel="program calls"
        showX={showCount}
        showY={(value) => showScore(value, share)}
        {...(share ? { domain: [0, 1] as [number, number] } : {})}
        height={280}
      />
      <Programs models={models} />
      {(demos.both.length > 0 || demos.onlyLeft.length > 0 || demos.onlyRight.length > 0) && (
        <Part
          id="demos"
          title="Demos"
          note={`${demos.both.length} in both, ${demos.onlyLeft.length} only in ${runs[0]}, ${demos.onlyRight.length} only in ${runs[1]}.`}
        >
          <div class="pair">
            {demos.onlyLeft.map((demo, place) => (
              <DemoCard key={`l${place}`} run={null} demo={{ ...demo, why: `only in ${runs[0]}. ${demo.why}` }} />
            ))}
            {demos.onlyRight.map((demo, place) => (
              <DemoCard key={`r${place}`} run={null} demo={{ ...demo, why: `only in ${runs[1]}. ${demo.why}` }} />
            ))}
          </div>
        </Part>
      )}
      <nav class="line" aria-label="both runs" data-live>
        {runs.map((run) => (
          <Link key={run} to={{ view: "run", run }}>
            {run}
          </Link>
        ))}
      </nav>
    </article>
  );
}

function Programs({ models }: { models: [RunModel, RunModel] }): JSX.Element | null {
  const [left, right] = models.map((model): Program | null => programOf(model));
  if (!left || !right) return null;
  return (
    <Part id="instructions" title="Instructions" note="What became of the first run's words in the second's.">
      <ProgramsCompared left={left} right={right} />
    </Part>
  );
}

function figures(models: [RunModel, RunModel], share: boolean): Value[][] {
  const pictures = models.map((model) => model.picture.value);
  const row = (name: string, of: (place: number) => string | null): Value[] => [name, of(0) ?? "–", of(1) ?? "–"];
  const report = (place: number) => pictures[place]?.summary.report;
  const score = (one: { score: number; low: number; high: number; n: number } | null | undefined) =>
    one ? `${showScore(one.score, share)} (${showRange(one.low, one.high, share)}, n = ${one.n})` : null;
  return [
    row("optimizer", (place) => pictures[place]?.summary.optimizer ?? null),
    row("status", (place) => pictures[place]?.summary.status ?? null),
    row("model", (place) => pictures[place]?.spec?.lm ?? null),
    row("baseline", (place) => score(report(place)?.baseline)),
    row("tuned", (place) => score(report(place)?.tuned)),
    row("gain", (place) => {
      const gain = report(place)?.gain;
      return gain ? `${describeGain(gain, share)}, ${showProbability(gain.probability)}: ${gain.verdict}` : null;
    }),
    row("candidates", (place) => showCount(models[place]?.tallies.value.length ?? 0)),
    row("calls", (place) => showCount(pictures[place]?.totals.calls ?? 0)),
    row("tokens", (place) =>
      showCount((pictures[place]?.totals.prompt_tokens ?? 0) + (pictures[place]?.totals.completion_tokens ?? 0)),
    ),
    row("cost", (place) => showUsd(pictures[place]?.totals.usd ?? null)),
    row("time", (place) => (report(place) ? showSeconds(report(place)?.seconds ?? 0) : null)),
  ];
}

function scoreRows(models: [RunModel, RunModel], share: boolean) {
  const rows = models.flatMap((model, place) => {
    const report = model.picture.value?.summary.report;
    return (["baseline", "tuned"] as const).flatMap((name) => {
      const score = report?.[name];
      if (!score) return [];
      const color = name === "baseline" ? "baseline" : (COLORS[place] ?? "s0");
      return [
        {
          label: `${name}, ${model.id}`,
          mean: score.score,
          low: score.low,
          high: score.high,
          note: showScore(score.score, share),
          color,
        },
      ];
    });
  });
  const show = (value: number) => showScore(value, share);
  return {
    rows,
    table: {
      columns: [{ name: "which" }, { name: "score", show }, { name: "low", show }, { name: "high", show }],
      rows: rows.map((row): Value[] => [row.label, row.mean, row.low, row.high]),
    },
  };
}

function bestSoFar(model: RunModel, color: string): Series {
  const tallies = model.tallies.value;
  const sizes = tallies.map((one) => one.score.n).sort((a, b) => a - b);
  const enough = sizes[Math.floor(sizes.length / 2)] ?? 0;
  const points: Series["points"] = [];
  let best = -Infinity;
  for (const one of ranked(tallies)
    .filter((tally) => tally.score.n >= enough)
    .sort((a, b) => a.last - b.last)) {
    if (one.score.score <= best) continue;
    best = one.score.score;
    points.push({ x: one.last, y: best });
  }
  const last = points.at(-1);
  if (last) points.push({ x: Math.max(last.x, model.cells.value.candidate.length), y: last.y });
  return { name: model.id, color, points, mark: "step" };
}

function useRuns(runs: [string, string]): [RunModel, RunModel] | null {
  const host = useContext(HostContext);
  const [models, setModels] = useState<[RunModel, RunModel] | null>(null);
  useEffect(() => {
    const followed: [RunModel, RunModel] = [followRun(host, runs[0]), followRun(host, runs[1])];
    setModels(followed);
    return () => followed.forEach((model) => model.stop());
  }, [host, runs[0], runs[1]]);
  return models;
}
