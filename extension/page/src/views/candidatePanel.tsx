// The chosen candidate: what it is, how it differs from the program as it came, what it did.
import type { JSX } from "preact";
import type { SearchReport } from "../../../src/protocol.ts";
import type { Tally } from "../data/cells.ts";
import { isShare, showProbability, showRange, showScore } from "../data/numbers.ts";
import { predictorsOf } from "../data/programState.ts";
import { describeArm } from "../data/search.ts";
import { useAsked } from "./asked.ts";
import { Fields } from "./fields.tsx";
import { RolloutsOnDemand } from "./rollouts.tsx";
import { WordDiff } from "./wordDiff.tsx";

interface PanelProps {
  run: string;
  id: string;
  name: string;
  baseline: string | null;
  tally: Tally | undefined;
  search: SearchReport | null;
  onClose(): void;
}

export function CandidatePanel({ run, id, name, baseline, tally, search, onClose }: PanelProps): JSX.Element {
  const arm = search?.measured.find((one) => one.candidate === id);
  const share = !tally || isShare(tally.score);
  return (
    <section class="card stack" aria-label={`candidate ${id}`}>
      <div class="line">
        <h3>{name}</h3>
        <button type="button" class="quiet" data-live onClick={onClose}>
          Close
        </button>
      </div>
      <p class="note">
        {tally &&
          `scored ${showScore(tally.score.score, share)} (${showRange(tally.score.low, tally.score.high, share)}) on ${tally.score.n} examples`}
        {arm &&
          search &&
          ` · ${describeArm(search, arm)} · believed ${showScore(arm.mean, share)} (${showRange(arm.low, arm.high, share)}), ${showProbability(arm.probability)} to beat the baseline`}
      </p>
      <ProgramDiff run={run} left={baseline} right={id} />
      <RolloutsOnDemand title="What it did, example by example" find={{ run_id: run, candidate: id }} />
    </section>
  );
}

/** Instructions word by word and demos of one candidate against another's. */
export function ProgramDiff({ run, left, right }: { run: string; left: string | null; right: string }): JSX.Element {
  const before = useAsked("results/candidate", left === null ? null : { run_id: run, candidate: left });
  const after = useAsked("results/candidate", { run_id: run, candidate: right });
  const was = new Map(predictorsOf(before.answer?.candidate?.state ?? {}).map((one) => [one.name, one]));
  const shown = predictorsOf(after.answer?.candidate?.state ?? {});
  if (after.failure) return <p class="note">{after.failure}</p>;
  if (after.answer && shown.length === 0) return <p class="note">The run's store does not hold its program.</p>;
  return (
    <>
      {shown.map((predictor) => (
        <div class="stack" key={predictor.name}>
          <h4>{predictor.name === "self" ? "Instruction" : `Instruction of ${predictor.name}`}</h4>
          <WordDiff
            before={was.get(predictor.name)?.instructions ?? predictor.instructions}
            after={predictor.instructions}
          />
          {predictor.demos.length > 0 && (
            <details>
              <summary>
                {predictor.demos.length} {predictor.demos.length === 1 ? "demo" : "demos"}
              </summary>
              <div class="stack">
                {predictor.demos.map((demo, place) => (
                  <div class="boxed" key={place}>
                    <Fields values={demo} />
                  </div>
                ))}
              </div>
            </details>
          )}
        </div>
      ))}
    </>
  );
}
