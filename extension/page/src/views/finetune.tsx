// A finetuning: its trainings, how the student compares, what was expected, when it pays.
import type { JSX } from "preact";
import type { ArmScore, BreakEven, Comparison, FinetuneReport, Prediction } from "../../../src/protocol.ts";
import { Forest } from "../charts/forest.tsx";
import { LineChart } from "../charts/lineChart.tsx";
import { breakEvenCurves } from "../data/breakEven.ts";
import type { Training } from "../data/events.ts";
import {
  describeGain,
  isShare,
  showBytes,
  showCount,
  showEffect,
  showProbability,
  showQuantity,
  showScore,
  showSeconds,
  showUsd,
  short,
} from "../data/numbers.ts";
import { DataTable } from "./dataTable.tsx";
import { Part } from "./part.tsx";
import { TrainingView } from "./training.tsx";

interface FinetuneProps {
  trainings: Training[];
  report: FinetuneReport | null;
}

export function Finetune({ trainings, report }: FinetuneProps): JSX.Element {
  return (
    <Part id="finetuning" title="Finetuning" note={report ? describeRows(report) : ""}>
      {report?.comparison && <ArmsCompared comparison={report.comparison} />}
      {trainings.map((training) => (
        <TrainingView key={training.student} training={training} />
      ))}
      <div class="pair">
        {report && report.predictions.length > 0 && <Predictions predictions={report.predictions} />}
        {report && report.break_even.length > 0 && <Pays pays={report.break_even} />}
      </div>
      {report && (report.why.length > 0 || report.students.length > 0) && (
        <div class="card stack">
          <h3>The student</h3>
          {report.students.map((one) => (
            <p key={one.path}>
              {one.method} of {one.model} for {one.tasks.join(", ")}: {showBytes(one.weights_bytes)} in{" "}
              <span class="mono">{one.path}</span>
            </p>
          ))}
          {report.why.map((line) => (
            <p class="note" key={line}>
              {line}
            </p>
          ))}
        </div>
      )}
    </Part>
  );
}

const COLORS: Record<ArmScore["name"], string> = { base: "baseline", "few-shot": "s3", tuned: "tuned", teacher: "s2" };

function ArmsCompared({ comparison: { arms, gains } }: { comparison: Comparison }): JSX.Element {
  const share = arms.every((arm) => isShare(arm.score));
  const gainOver = new Map(gains.map((one) => [one.over, one.gain]));
  const n = Math.max(0, ...arms.map((arm) => arm.score.n));
  return (
    <Forest
      title="Base, few-shot, tuned and teacher"
      note={`On the same ${showCount(n)} held-out inputs; what cannot be read counts as wrong. Whiskers hold 95 %.`}
      summary={arms.map((arm) => `${arm.name} ${showScore(arm.score.score, share)}`).join(", ")}
      rows={arms.map((arm) => ({
        label: arm.name,
        mean: arm.score.score,
        low: arm.score.low,
        high: arm.score.high,
        note: `${showScore(arm.score.score, share)} · ${arm.unparsed} unread · ${showSeconds(arm.seconds_per_answer)}${arm.usd_per_passing === null ? "" : ` · ${showUsd(arm.usd_per_passing)} a right one`}`,
        color: COLORS[arm.name],
      }))}
      table={{
        columns: [
          { name: "arm" },
          { name: "score", show: (value) => showScore(value, share) },
          { name: "low", show: (value) => showScore(value, share) },
          { name: "high", show: (value) => showScore(value, share) },
          { name: "unread", show: showCount },
          { name: "an answer", show: showSeconds },
          { name: "a passing answer", show: showUsd },
          { name: "tuned is better by" },
        ],
        rows: arms.map((arm) => {
          const gain = gainOver.get(arm.name);
          const better = gain
            ? `${describeGain(gain, share)}, ${showProbability(gain.probability)}: ${gain.verdict}`
            : null;
          return [
            arm.name,
            arm.score.score,
            arm.score.low,
            arm.score.high,
            arm.unparsed,
            arm.seconds_per_answer,
            arm.usd_per_passing,
            better,
          ];
        }),
      }}
      reference={null}
      {...(share ? { domain: [0, 1] as [number, number] } : {})}
      show={(value) => showScore(value, share)}
    />
  );
}

function Predictions({ predictions }: { predictions: Prediction[] }): JSX.Element {
  return (
    <div class="card stack">
      <h3>What was expected, and what came</h3>
      <DataTable
        caption="Expected and actual"
        table={{
          columns: [
            { name: "what" },
            { name: "expected" },
            { name: "95 % interval" },
            { name: "was" },
            { name: "off by" },
          ],
          rows: predictions.map(({ what, unit, predicted, low, high, actual }) => [
            what,
            showQuantity(predicted, unit),
            `${showQuantity(low, unit)} to ${showQuantity(high, unit)}`,
            actual === null ? "not measured" : showQuantity(actual, unit),
            actual === null || predicted === 0
              ? null
              : `${showEffect((actual - predicted) / predicted, true)} %${actual >= low && actual <= high ? "" : ", outside"}`,
          ]),
        }}
      />
    </div>
  );
}

function Pays({ pays }: { pays: BreakEven[] }): JSX.Element {
  const curves = breakEvenCurves(pays);
  const table = {
    columns: [{ name: "cheaper than" }, { name: "from answer" }, { name: "on what that rests" }],
    rows: pays.map((one) => [one.api, one.queries === null ? "never" : showCount(one.queries), one.basis]),
  };
  if (curves.length === 0) {
    return (
      <div class="card stack">
        <h3>When the student pays</h3>
        <DataTable caption="Break-even" table={table} />
      </div>
    );
  }
  return (
    <LineChart
      title="When the student pays"
      note="What asking an API costs beyond the student's own answers, in units of what the student cost to make: it pays from where a line crosses 1."
      summary={pays
        .map((one) => `${one.api}: ${one.queries === null ? "never" : `from ${showCount(one.queries)} answers on`}`)
        .join("; ")}
      series={curves}
      xLabel="answers"
      showX={showLargeCount}
      showY={(value) => `${short(value)} ×`}
      table={table}
    />
  );
}

function showLargeCount(value: number): string {
  return showCount(Math.round(value));
}

function describeRows(report: FinetuneReport): string {
  const left = Object.entries(report.refused).map(([reason, count]) => `${showCount(count)} ${reason}`);
  return `${showCount(report.rows)} rows trained on${left.length ? `; left out: ${left.join(", ")}` : ""}.`;
}
