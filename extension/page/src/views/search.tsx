// What the search did and learnt.
import type { JSX } from "preact";
import type { FeatureEffect, SearchReport } from "../../../src/protocol.ts";
import { BeliefChart } from "../charts/beliefChart.tsx";
import { CombinationGrid } from "../charts/combinationGrid.tsx";
import { Forest, type ForestRow } from "../charts/forest.tsx";
import { LineChart } from "../charts/lineChart.tsx";
import { SearchRaster } from "../charts/searchRaster.tsx";
import { isShare, showChance, showCount, showEffect, showProbability, showRange, showScore } from "../data/numbers.ts";
import { describeArm } from "../data/search.ts";
import type { Table } from "../data/table.ts";
import { baselineOf, type RunModel } from "../model/runModel.ts";
import { Batches } from "./batches.tsx";
import { DataTable } from "./dataTable.tsx";
import { InstructionTexts, Levels, MOST_LINES } from "./levels.tsx";
import { Part } from "./part.tsx";

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
      <SearchRaster
        cells={model.cells.value}
        tallies={tallies}
        names={names}
        batches={batches}
        selected={selected}
        onSelect={onSelect}
      />
      <Batches batches={batches} />
      <div class="pair">
        <BeliefChart
          tallies={tallies}
          batches={batches}
          names={names}
          baseline={baselineOf(tallies)}
          selected={selected}
        />
        {batches.length > 1 && (
          <LineChart
            title="How sure the search is of its leader"
            note="The probability that the candidate it would return beats the baseline."
            summary={`After the last batch: ${showProbability(batches.at(-1)?.probability ?? 0)}.`}
            series={[
              {
                name: "P that the leader beats the baseline",
                color: "belief",
                mark: "step",
                points: batches.map((batch) => ({ x: batch.rollouts, y: batch.probability })),
              },
            ]}
            xLabel="program calls"
            showX={showCount}
            showY={(value) => value.toFixed(2)}
            domain={[0, 1]}
            height={300}
            table={{
              columns: [
                { name: "batch" },
                { name: "program calls", show: showCount },
                { name: "tried", show: showCount },
                { name: "leader" },
                { name: "believed", show: (value) => showScore(value, share) },
                { name: "P", show: showChance },
              ],
              rows: batches.map((batch) => [
                batch.batch,
                batch.rollouts,
                batch.tried,
                batch.leader,
                batch.mean,
                batch.probability,
              ]),
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
    columns: [
      { name: "predictor" },
      { name: "property" },
      { name: "meaning" },
      { name: "effect", show },
      { name: "low", show },
      { name: "high", show },
      { name: "P helps", show: showChance },
      { name: "instructions", show: showCount },
    ],
    rows: features.map((one) => [
      one.predictor,
      one.name,
      one.meaning,
      one.mean,
      one.low,
      one.high,
      one.probability,
      one.levels,
    ]),
  };
}

function armTable(search: SearchReport, share: boolean): Table {
  const show = (value: number) => showScore(value, share);
  return {
    columns: [
      { name: "candidate" },
      { name: "what it is" },
      { name: "examples", show: showCount },
      { name: "score", show },
      { name: "believed", show },
      { name: "95 % interval" },
      { name: "P better", show: showChance },
      { name: "tokens", show: showCount },
    ],
    rows: [...search.measured, ...search.untried].map((arm) => [
      arm.candidate,
      describeArm(search, arm),
      arm.n,
      arm.score,
      arm.mean,
      showRange(arm.low, arm.high, share),
      arm.levels.some(Boolean) ? arm.probability : null,
      arm.tokens ?? null,
    ]),
  };
}
