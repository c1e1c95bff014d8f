// How a student's training goes: loss, what it answers right, memory, speed.
import type { JSX } from "preact";
import { LineChart } from "../charts/lineChart.tsx";
import type { Training } from "../data/events.ts";
import { showBytes, showCount, showLarge, showScore, showSeconds } from "../data/numbers.ts";

export function TrainingView({ training }: { training: Training }): JSX.Element {
  const { student, started, steps, dev } = training;
  const at = (values: (step: (typeof steps)[number]) => number) =>
    steps.map((step) => ({ x: step.step, y: values(step) }));
  const best = dev.findLast((one) => one.best);
  const last = steps.at(-1);
  const axis = { xLabel: "steps", showX: showCount };
  const whose = student === "self" ? "" : ` of ${student}`;
  return (
    <div class="stack">
      <div class="line">
        <h3>Training{whose}</h3>
        {last && last.step < last.steps && (
          <span class="note">
            step {last.step} of {last.steps}, {showSeconds(last.eta_seconds)} to go
          </span>
        )}
      </div>
      {started && (
        <p class="note">
          {showLarge(started.trainable)} of {showLarge(started.parameters)} parameters on {started.device},{" "}
          {showCount(started.rows)} rows
          {Object.entries(started.refused).map(([reason, count]) => `, ${count} left out (${reason})`)};{" "}
          {started.layout}
        </p>
      )}
      <div class="pair">
        <LineChart
          title={`Loss${whose}`}
          note="Mean negative log-likelihood of a target token, in nats."
          summary={`${last ? `Training loss ${last.loss.toFixed(3)} at step ${last.step}.` : ""} ${best ? `Best on rows it does not learn from: ${best.loss.toFixed(3)} at step ${best.step}, which is kept.` : ""}`}
          series={[
            { name: "training", color: "s3", points: at((step) => step.loss) },
            { name: "dev rows", color: "s1", mark: "dots", points: dev.map((one) => ({ x: one.step, y: one.loss })) },
          ]}
          {...axis}
          showY={(value) => value.toFixed(2)}
        />
        {dev.length > 0 && (
          <LineChart
            title={`Answered word for word${whose}`}
            note={best ? `Step ${best.step} is kept.` : ""}
            summary={`${showScore(dev.at(-1)?.exact ?? 0, true)} at the last look.`}
            series={[
              {
                name: "dev rows answered exactly",
                color: "tuned",
                mark: "dots",
                points: dev.map((one) => ({ x: one.step, y: one.exact })),
              },
            ]}
            {...axis}
            showY={(value) => showScore(value, true)}
            domain={[0, 1]}
          />
        )}
        <LineChart
          title={`Peak memory${whose}`}
          summary={last ? `${showBytes(last.peak_bytes)} so far.` : ""}
          series={[{ name: "peak memory", color: "s2", points: at((step) => step.peak_bytes) }]}
          {...axis}
          showY={showBytes}
          height={200}
        />
        <LineChart
          title={`Speed${whose}`}
          summary={last ? `${showCount(last.tokens_per_second)} tokens a second now.` : ""}
          series={[{ name: "tokens a second", color: "s5", points: at((step) => step.tokens_per_second) }]}
          {...axis}
          showY={showLarge}
          height={200}
        />
      </div>
    </div>
  );
}
