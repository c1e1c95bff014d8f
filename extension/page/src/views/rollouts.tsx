// Rollouts step by step: what went in, what was thought, what came out, and the calls behind it.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { FindRollouts, LmCall, Rollout, Step } from "../../../src/protocol.ts";
import { showCount, showScore, showSeconds, showUsd } from "../data/numbers.ts";
import { asText } from "../data/programState.ts";
import { useAsked } from "./asked.ts";
import { Failure } from "./failure.tsx";
import { Fields } from "./fields.tsx";
import { LongText } from "./longText.tsx";

const PAGE = 20;

/** Those that fit, a page at a time; nothing is asked before it is opened. */
export function RolloutsOnDemand({ title, find }: { title: string; find: Omit<FindRollouts, "skip"> }): JSX.Element {
  const [open, setOpen] = useState(false);
  const [skip, setSkip] = useState(0);
  const { answer, failure } = useAsked("results/rollouts", open ? { ...find, skip } : null);
  return (
    <details onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{title}</summary>
      {failure && <Failure message={failure} />}
      {answer && answer.total === 0 && <p class="note">There is none in this run's store.</p>}
      <div class="stack">
        {answer?.rollouts.map((rollout) => (
          <RolloutCard key={rollout.key} run={find.run_id} rollout={rollout} />
        ))}
      </div>
      {answer && answer.total > PAGE && (
        <nav class="pages" aria-label={`pages of ${title}`} data-live>
          <button type="button" class="quiet" disabled={skip === 0} onClick={() => setSkip(skip - PAGE)}>
            Previous
          </button>
          <span>
            {showCount(skip + 1)}–{showCount(Math.min(skip + PAGE, answer.total))} of {showCount(answer.total)}
          </span>
          <button
            type="button"
            class="quiet"
            disabled={skip + PAGE >= answer.total}
            onClick={() => setSkip(skip + PAGE)}
          >
            Next
          </button>
        </nav>
      )}
    </details>
  );
}

function RolloutCard({ run, rollout }: { run: string; rollout: Rollout }): JSX.Element {
  const score = rollout.score === null ? "failed" : showScore(rollout.score, rollout.score >= 0 && rollout.score <= 1);
  return (
    <div class="boxed stack">
      <div class="line">
        <h4>
          Example {rollout.index}{" "}
          <span class="note">
            ({rollout.split === "val" ? "held out" : "training"}, {rollout.candidate})
          </span>
        </h4>
        <span class="note">
          {rollout.status === "unparsed" ? "could not be read" : score} · {showSeconds(rollout.seconds)}
        </span>
      </div>
      {rollout.steps.map((step, place) => (
        <StepView key={place} step={step} />
      ))}
      {rollout.error && <LongText text={rollout.error} />}
      {rollout.feedback && <LongText text={rollout.feedback} />}
      <CallsOnDemand run={run} rollout={rollout.key} />
    </div>
  );
}

function StepView({ step }: { step: Step }): JSX.Element {
  return (
    <div class="step">
      <div class="line">
        <strong>{step.name}</strong>
        <span class="note">
          {step.kind}, {showSeconds(step.seconds)}
        </span>
      </div>
      <Fields values={step.inputs} />
      {step.reasoning && (
        <blockquote>
          <LongText text={step.reasoning} />
        </blockquote>
      )}
      <Fields values={step.outputs} />
      {step.error && <LongText text={step.error} />}
    </div>
  );
}

function CallsOnDemand({ run, rollout }: { run: string; rollout: string }): JSX.Element {
  const [open, setOpen] = useState(false);
  const { answer, failure } = useAsked("results/calls", open ? { run_id: run, rollout } : null);
  return (
    <details onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>Model calls</summary>
      {failure && <Failure message={failure} />}
      <div class="stack">
        {answer?.calls.map((call) => (
          <CallView key={call.key} call={call} />
        ))}
      </div>
    </details>
  );
}

function CallView({ call }: { call: LmCall }): JSX.Element {
  const messages = Array.isArray(call.request.messages) ? (call.request.messages as Record<string, unknown>[]) : [];
  return (
    <div class="step">
      <p class="note">
        {call.model}: {showCount(call.prompt_tokens)} + {showCount(call.completion_tokens)} tokens,{" "}
        {call.cache_hit ? "from a cache" : showUsd(call.usd)}, {showSeconds(call.seconds)}
      </p>
      {messages.map((message, place) => (
        <LongText key={place} text={`${asText(message.role)}: ${asText(message.content)}`} />
      ))}
      {messages.length === 0 && <LongText text={asText(call.request.prompt ?? call.request)} />}
      {call.outputs.map((output, place) => (
        <blockquote key={place}>
          <LongText text={asText(output)} />
        </blockquote>
      ))}
    </div>
  );
}
