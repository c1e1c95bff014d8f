import type { JSX } from "preact";
import { ScoreChart } from "../charts/scoreChart.tsx";
import type { RunModel } from "../model/runModel.ts";
import { baselineOf } from "../model/runModel.ts";
import { CandidatePanel } from "./candidatePanel.tsx";
import { Part } from "./part.tsx";

interface CandidatesProps {
  model: RunModel;
  selected: string | null;
  onSelect(candidate: string | null): void;
}

export function Candidates({ model, selected, onSelect }: CandidatesProps): JSX.Element {
  const tallies = model.tallies.value;
  const names = model.names.value;
  const baseline = baselineOf(tallies);
  return (
    <Part id="candidates" title="Candidates">
      <ScoreChart
        tallies={tallies}
        names={names}
        baseline={baseline}
        batches={model.story.value.batches}
        selected={selected}
        onSelect={onSelect}
      />
      {selected && (
        <CandidatePanel
          key={selected}
          run={model.id}
          id={selected}
          name={names.get(selected) ?? selected}
          baseline={baseline}
          tally={tallies.find((one) => one.id === selected)}
          search={model.picture.value?.search ?? null}
          onClose={() => onSelect(null)}
        />
      )}
    </Part>
  );
}
