// Scores, gains, costs and ages in the few words a tree or a question has room for, as the command line words them.

import { aboutSeconds, describeGain, isShare, short, showCount, showProbability, showUsd } from "./numbers.ts";
import type { Estimate, Gain, RunReport, RunSummary, Score } from "./protocol.ts";

/** `82 % ±6 (n=80)`; in the metric's own unit where it is not within 0 and 1. */
export function describeScore(score: Score): string {
  const half = (score.high - score.low) / 2;
  return isShare(score)
    ? `${short(100 * score.score)} % ±${short(100 * half)} (n=${score.n})`
    : `${short(score.score)} ±${short(half)} (n=${score.n})`;
}

/** `15 % → 82 %`. */
export function describeChange(baseline: Score, tuned: Score): string {
  return isShare(baseline) && isShare(tuned)
    ? `${short(100 * baseline.score)} % → ${short(100 * tuned.score)} %`
    : `${short(baseline.score)} → ${short(tuned.score)}`;
}

/** `+67 points (95 % interval 55 to 79), P = 0.97, confirmed`. */
export function describeVerdict(gain: Gain, share: boolean): string {
  return `${describeGain(gain, share)}, ${showProbability(gain.probability)}, ${gain.verdict}`;
}

/** What a run came to, or what it is doing. */
export function describeOutcome(run: RunSummary): string {
  if (run.error) return run.error.message;
  const { report } = run;
  if (!report?.baseline) return run.status === "running" && run.progress ? run.progress : run.status;
  const early = run.status === "finished" ? "" : `${run.status} at `;
  if (!report.tuned) return early + describeScore(report.baseline);
  const verdict = report.gain ? `, ${report.gain.verdict}` : "";
  return `${early}${describeChange(report.baseline, report.tuned)}${verdict}`;
}

/** The score of what a run left its user with: the baseline's where nothing was gained. */
export function shownScore(report: RunReport): Score | null {
  return report.tuned && report.gain?.verdict !== "no gain" ? report.tuned : report.baseline;
}

/** `just now`, `5 min ago`, `2 h ago`, `3 days ago`. */
export function describeAge(seconds: number): string {
  if (seconds < 60) return "just now";
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 86400) return `${Math.floor(seconds / 3600)} h ago`;
  const days = Math.floor(seconds / 86400);
  return `${days} day${days > 1 ? "s" : ""} ago`;
}

/** When a run ended, as far as its report tells; else when it began. Seconds since the epoch. */
export function endOf(run: RunSummary): number {
  return run.created + (run.report?.seconds ?? 0);
}

/** What a run would cost, a line each. */
export function describeEstimate(estimate: Estimate): string[] {
  const likely = estimate.expected_program_calls;
  const fewer = likely != null && likely < estimate.program_calls ? `, about ${showCount(likely)} likely` : "";
  const prompts = estimate.prompt_calls ? `, ${showCount(estimate.prompt_calls)} of them to the prompt model` : "";
  const training = estimate.finetune?.strategies.find((one) => one.name === estimate.finetune?.picked);
  const learned = estimate.train ? `${showCount(estimate.train)} to learn from, ` : "";
  return [
    `Examples: ${learned}${showCount(estimate.val)} to score on`,
    `Program calls: at most ${showCount(estimate.program_calls)}${fewer}`,
    `LM calls: at most about ${showCount(estimate.lm_calls)}${prompts}`,
    `Tokens: at most about ${about(estimate.prompt_tokens)} in, ${about(estimate.completion_tokens)} out`,
    `Cost: ${price(estimate.usd)}`,
    `Time: ${estimate.seconds === null ? "unknown" : `at most about ${aboutSeconds(estimate.seconds)}`}`,
    ...(training
      ? [
          `Training ${estimate.finetune?.model} (${training.name}): about ${aboutSeconds(training.train_seconds.mean)}, ` +
            `${(training.memory_bytes / 1e9).toFixed(1)} GB of memory`,
        ]
      : []),
  ];
}

function price(usd: number | null): string {
  if (usd === null) return "price unknown";
  if (usd === 0) return "free of charge";
  return `at most about ${showUsd(usd)}`;
}

/** Two digits that count: more would pretend to know. */
function about(value: number): string {
  const unit = 10 ** Math.max(0, String(value).length - 2);
  return showCount(Math.round(value / unit) * unit);
}
