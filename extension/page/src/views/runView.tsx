// One run, from its outcome down to its log.
import type { JSX } from "preact";
import { useContext, useEffect, useState } from "preact/hooks";
import { ScoreChart } from "../charts/scoreChart.tsx";
import { HostContext } from "../model/hostContext.ts";
import { baselineOf, followRun, type RunModel } from "../model/runModel.ts";
import { Failure } from "./failure.tsx";
import { Outcome } from "./outcome.tsx";

export function RunView({ id }: { id: string }): JSX.Element {
  const model = useRun(id);
  const [selected, select] = useState<string | null>(null);
  const failure = model?.failure.value;
  const picture = model?.picture.value;
  if (!model || !picture) return failure ? <Failure message={failure} /> : <p class="quiet-text">Reading the run…</p>;
  return (
    <article class="sheet">
      {failure && <Failure message={failure} />}
      <Outcome model={model} picture={picture} />
      <section id="candidates" aria-label="Candidates">
        <ScoreChart
          tallies={model.tallies.value}
          names={model.names.value}
          baseline={baselineOf(model.tallies.value)}
          batches={model.story.value.batches}
          selected={selected}
          onSelect={select}
        />
      </section>
    </article>
  );
}

function useRun(id: string): RunModel | null {
  const host = useContext(HostContext);
  const [model, setModel] = useState<RunModel | null>(null);
  useEffect(() => {
    const followed = followRun(host, id);
    setModel(followed);
    return () => followed.stop();
  }, [host, id]);
  return model;
}
