// One run, from its outcome down to its log.
import type { JSX } from "preact";
import { useContext, useEffect, useRef, useState } from "preact/hooks";
import { renderReport } from "../export/report.ts";
import { HostContext } from "../model/hostContext.ts";
import { followRun, type RunModel } from "../model/runModel.ts";
import { Candidates } from "./candidates.tsx";
import { Costs } from "./costs.tsx";
import { Demos } from "./demos.tsx";
import { Errors } from "./errors.tsx";
import { Failure } from "./failure.tsx";
import { Finetune } from "./finetune.tsx";
import { Instructions } from "./instructions.tsx";
import { Log } from "./log.tsx";
import { Outcome } from "./outcome.tsx";
import { Search } from "./search.tsx";

export function RunView({ id }: { id: string }): JSX.Element {
  const host = useContext(HostContext);
  const sheet = useRef<HTMLElement>(null);
  const model = useRun(id);
  const [selected, select] = useState<string | null>(null);
  const failure = model?.failure.value;
  const picture = model?.picture.value;
  if (!model || !picture) return failure ? <Failure message={failure} /> : <p class="quiet-text">Reading the run…</p>;
  const story = model.story.value;
  const { artifact, search, summary } = picture;
  const finetune = summary.report?.finetune ?? null;
  const costs = model.costs.value;
  const choose = (candidate: string | null) => {
    select(candidate);
    if (candidate !== null) document.getElementById("candidates")?.scrollIntoView();
  };
  const parts: [id: string, title: string, content: JSX.Element | false | null][] = [
    [
      "finetuning",
      "Finetuning",
      (story.trainings.size > 0 || finetune) && (
        <Finetune trainings={[...story.trainings.values()]} report={finetune} />
      ),
    ],
    [
      "candidates",
      "Candidates",
      model.tallies.value.length > 0 && <Candidates model={model} selected={selected} onSelect={choose} />,
    ],
    ["search", "Search", search && <Search model={model} search={search} selected={selected} onSelect={choose} />],
    [
      "instructions",
      "Instructions",
      !!artifact?.instructions?.length && <Instructions choices={artifact.instructions} proposed={story.proposed} />,
    ],
    ["demos", "Demos", !!artifact?.demos.length && <Demos run={id} demos={artifact.demos} />],
    ["errors", "Errors", (story.analysed.length > 0 || model.errors.value.length > 0) && <Errors model={model} />],
    ["costs", "Cost", costs && costs.models.length > 0 && <Costs costs={costs} budget={picture.spec?.budget} />],
    ["log", "Log", <Log lines={story.log} />],
  ];
  const shown = parts.filter((part) => part[2]);

  async function saveReport(): Promise<void> {
    if (sheet.current) await host.save(`${id}.html`, renderReport(sheet.current, `${summary.target}, ${id}`));
  }

  return (
    <article class="sheet" ref={sheet}>
      {failure && <Failure message={failure} />}
      <Outcome model={model} picture={picture} />
      {[...new Set([...(artifact?.warnings ?? []), ...(finetune?.warnings ?? []), ...story.warnings])].map(
        (warning) => (
          <p class="warning" key={warning}>
            {warning}
          </p>
        ),
      )}
      <nav class="sections" aria-label="sections" data-live>
        {shown.map(([part, title]) => (
          <button key={part} type="button" class="quiet" onClick={() => goTo(part)}>
            {title}
          </button>
        ))}
        <span class="spring" />
        <button type="button" onClick={() => void saveReport()}>
          Save report
        </button>
      </nav>
      {shown.map(([part, , content]) => (
        <div key={part}>{content}</div>
      ))}
    </article>
  );
}

function goTo(part: string): void {
  const section = document.getElementById(part);
  section?.scrollIntoView();
  section?.focus({ preventScroll: true });
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
