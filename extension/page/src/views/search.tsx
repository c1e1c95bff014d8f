// What the search did and learnt.
import type { JSX } from "preact";
import type { FeatureEffect, LevelEffect, SearchReport } from "../../../src/protocol.ts";
import { BeliefChart } from "../charts/beliefChart.tsx";
import { CombinationGrid } from "../charts/combinationGrid.tsx";
import { Forest, type ForestRow } from "../charts/forest.tsx";
import { LineChart } from "../charts/lineChart.tsx";
import { SearchRaster } from "../charts/searchRaster.tsx";
import { isShare, showChance, showCount, showEffect, showProbability, showRange, showScore } from "../data/numbers.ts";
import { describeArm } from "../data/search.ts";
import type { Table } from "../data/table.ts";
import { baselineOf, type RunModel } from "../model/runModel.ts";
import { DataTable } from "./dataTable.tsx";
import { Part } from "./part.tsx";
import { WordDiff } from "./wordDiff.tsx";

/** Lines of a picture of effects; all are in its numbers. */
const MOST_LINES = 24;

interface SearchProps {
  model: RunModel;
  search: SearchReport;
  selected: string | null;
  onSelect(candidate: string): void;
}

export function Search({ model, search, selected, onSelect }: SearchProps): JSX.Element {
  const tallies = model.tallies.value;
  const names = model.names.value;
  const batches = model.story.value.batches;
  const share = tallies.every((one) => isShare(one.score));
  const several = new Set(search.factors.map((factor) => factor.predictor)).size > 1;
  const tried = search.tried ?? search.measured.length;
  return (
    <Part
      id="search"
      title="Search"
      note={`${showCount(search.rollouts)} of at most ${showCount(search.ceiling)} program calls, ${showCount(search.batches)} batches, ${showCount(tried)} candidates tried. Effects are relative to the program as it came.`}
    >
      <SearchRaster cells={model.cells.value} tallies={tallies} names={names} batches={batches} selected={selected} onSelect={onSelect} />
      <div class="pair">
        <BeliefChart tallies={tallies} names={names} baseline={baselineOf(tallies)} selected={selected} />
        {batches.length > 1 && (
          <LineChart
            title="How sure the search is of its leader"
            note="The probability that the candidate it would return beats the baseline."
            summary={`After the last batch: ${showProbability(batches.at(-1)?.probability ?? 0)}.`}
            series={[{ name: "P that the leader beats the baseline", color: "belief", mark: "step", points: batches.map((batch) => ({ x: batch.rollouts, y: batch.probability })) }]}
            xLabel="program calls"
            showX={showCount}
            showY={(value) => value.toFixed(2)}
            domain={[0, 1]}
            height={300}
            table={{
              columns: [{ name: "batch" }, { name: "program calls", show: showCount }, { name: "tried", show: showCount }, { name: "leader" }, { name: "believed", show: (value) => showScore(value, share) }, { name: "P", show: showChance }],
              rows: batches.map((batch) => [batch.batch, batch.rollouts, batch.tried, batch.leader, batch.mean, batch.probability]),
            }}
          />
        )}
      </div>
      <CombinationGrid search={search} share={share} />
      {search.features.length > 0 && (
        <Forest
          title="What helps in an instruction"
          note="The effect of having each property, with what 95 % of the belief holds; P: that it helps."
          summary={`${search.features.length} properties; the surest: ${search.features[0]?.meaning}.`}
          rows={search.features.slice(0, MOST_LINES).map((feature) => featureRow(feature, several, share))}
          table={featureTable(search.features, share)}
          reference={0}
          show={(value) => showEffect(value, share)}
        />
      )}
      <div class="pair">
        <Levels search={search} kind="instruction" title="Effects of instructions" several={several} share={share} />
        <Levels search={search} kind="demos" title="Effects of demo sets" several={several} share={share} />
      </div>
      <InstructionTexts effects={search.effects} several={several} />
      <div class="card stack">
        <h3>Believed best</h3>
        <DataTable table={armTable(search, share)} caption="Believed best" onChoose={onSelect} />
      </div>
    </Part>
  );
}

function Levels({ search, kind, title, several, share }: { search: SearchReport; kind: LevelEffect["kind"]; title: string; several: boolean; share: boolean }): JSX.Element | null {
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
        columns: [{ name: "predictor" }, { name: "number" }, { name: "name" }, { name: "effect", show: (value) => showEffect(value, share) }, { name: "low", show: (value) => showEffect(value, share) }, { name: "high", show: (value) => showEffect(value, share) }, { name: "rollouts", show: showCount }, { name: "text" }],
        rows: levels.map((one) => [one.predictor, one.level, one.name, one.mean, one.low, one.high, one.n, one.text]),
      }}
      reference={0}
      show={(value) => showEffect(value, share)}
    />
  );
}

function InstructionTexts({ effects, several }: { effects: LevelEffect[]; several: boolean }): JSX.Element | null {
  const levels = effects.filter((one) => one.kind === "instruction" && one.level > 0 && one.n > 0).sort((a, b) => b.mean - a.mean);
  const own = new Map(effects.filter((one) => one.kind === "instruction" && one.level === 0).map((one) => [one.predictor, one.text]));
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
      {levels.length > MOST_LINES && <p class="note">{showCount(levels.length - MOST_LINES)} more are in the numbers of their effects.</p>}
    </div>
  );
}

function featureRow(feature: FeatureEffect, several: boolean, share: boolean): ForestRow {
  return {
    label: `${several ? `${feature.predictor}: ` : ""}${feature.meaning}`,
    mean: feature.mean,
    low: feature.low,
    high: feature.high,
    note: `${showEffect(feature.mean, share)}, ${showProbability(feature.probability)}`,
    color: feature.probability >= 0.9 ? "tuned" : feature.probability <= 0.1 ? "belief" : "candidate",
  };
}

function featureTable(features: readonly FeatureEffect[], share: boolean): Table {
  const show = (value: number) => showEffect(value, share);
  return {
    columns: [{ name: "predictor" }, { name: "property" }, { name: "meaning" }, { name: "effect", show }, { name: "low", show }, { name: "high", show }, { name: "P helps", show: showChance }, { name: "instructions", show: showCount }],
    rows: features.map((one) => [one.predictor, one.name, one.meaning, one.mean, one.low, one.high, one.probability, one.levels]),
  };
}

function armTable(search: SearchReport, share: boolean): Table {
  const show = (value: number) => showScore(value, share);
  return {
    columns: [{ name: "candidate" }, { name: "what it is" }, { name: "examples", show: showCount }, { name: "score", show }, { name: "believed", show }, { name: "95 % interval" }, { name: "P better", show: showChance }, { name: "tokens", show: showCount }],
    rows: [...search.measured, ...search.untried].map((arm) => [
      arm.candidate, describeArm(search, arm), arm.n, arm.score, arm.mean, showRange(arm.low, arm.high, share), arm.levels.some(Boolean) ? arm.probability : null, arm.tokens ?? null,
    ]),
  };
}

