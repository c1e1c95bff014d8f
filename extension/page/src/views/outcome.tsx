// What a run came to, at a glance; while it goes, how far it is.
import type { JSX } from "preact";
import type { RunPicture } from "../../../src/protocol.ts";
import {
  describeGain,
  isShare,
  showCount,
  showProbability,
  showRange,
  showScore,
  showSeconds,
  showUsd,
} from "../data/numbers.ts";
import type { RunModel } from "../model/runModel.ts";
import { Status, VerdictBadge } from "./status.tsx";

export function Outcome({ model, picture }: { model: RunModel; picture: RunPicture }): JSX.Element {
  const { summary, spec, totals } = picture;
  const report = summary.report;
  const share = [report?.baseline, report?.tuned].every((one) => !one || isShare(one));
  const story = model.story.value;
  return (
    <header class="outcome">
      <div class="outcome-head">
        <h1>{summary.target}</h1>
        <Status status={summary.status} />
        {report?.gain && <VerdictBadge verdict={report.gain.verdict} />}
      </div>
      <p class="note">
        {summary.optimizer}
        {spec?.lm ? ` · ${spec.lm}` : ""}
        {spec?.model ? ` · student of ${spec.model}` : ""}
        {spec?.teacher_lm ? ` · taught by ${spec.teacher_lm}` : ""} · <span class="mono">{summary.run_id}</span>
      </p>
      {report?.tuned && report.baseline ? (
        <p class="change">
          <span class="was">{showScore(report.baseline.score, share)}</span>
          <span class="arrow" aria-label="became">
            →
          </span>
          <span class="is">{showScore(report.tuned.score, share)}</span>
        </p>
      ) : (
        report?.baseline && (
          <p class="change">
            <span class="is">{showScore(report.baseline.score, share)}</span>
          </p>
        )
      )}
      {report?.gain && (
        <p class="gain">
          {describeGain(report.gain, share)}, {showProbability(report.gain.probability)} that it is real
        </p>
      )}
      {report?.searched && report.tuned && (
        <p class="note">The search chose on the examples scored here: expect less of the gain on new ones.</p>
      )}
      {summary.status === "running" && story.progress && <Progress progress={story.progress} />}
      {summary.error && (
        <p class="failure">
          {summary.error.where ? `${summary.error.where}: ` : ""}
          {summary.error.message} {summary.error.next_step}
        </p>
      )}
      <dl class="figures">
        {report?.baseline && (
          <Figure
            name="baseline"
            value={showRange(report.baseline.low, report.baseline.high, share)}
            note={`95 % interval, n = ${report.baseline.n}`}
          />
        )}
        {report?.tuned && (
          <Figure
            name="tuned"
            value={showRange(report.tuned.low, report.tuned.high, share)}
            note={`95 % interval, n = ${report.tuned.n}`}
          />
        )}
        <Figure name="candidates" value={showCount(model.tallies.value.length)} note="scored on held-out examples" />
        <Figure
          name="calls"
          value={showCount(totals.calls)}
          note={`${showCount(totals.prompt_tokens + totals.completion_tokens)} tokens`}
        />
        <Figure name="cost" value={showUsd(totals.usd)} note={totals.usd === null ? "of a model" : "in all"} />
        <Figure
          name="time"
          value={showSeconds(report?.seconds ?? totals.seconds)}
          note={report ? "from start to end" : "of model time"}
        />
      </dl>
    </header>
  );
}

function Progress({
  progress,
}: {
  progress: { phase: string; done: number; total: number | null; text: string };
}): JSX.Element {
  const { phase, done, total, text } = progress;
  const words = `${phase} ${showCount(done)}${total === null ? "" : ` of ${showCount(total)}`}${text ? `: ${text}` : ""}`;
  return (
    <div class="progress" role="status">
      <progress aria-label={phase} {...(total === null ? {} : { value: done, max: total })} />
      <span>{words}</span>
    </div>
  );
}

function Figure({ name, value, note }: { name: string; value: string; note: string }): JSX.Element {
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        <strong>{value}</strong>
        <span class="note">{note}</span>
      </dd>
    </div>
  );
}
