// A run's events, sorted into what the page draws.
import type {
  CandidateScored,
  DevScored,
  EventRecord,
  InstructionsProposed,
  RoundEnded,
  TrainingStarted,
  TrainingStep,
} from "../../../src/protocol.ts";
import type { Batch } from "./batches.ts";

export interface Training {
  student: string;
  started: TrainingStarted | null;
  steps: TrainingStep[];
  dev: DevScored[];
}

export interface LogLine {
  seq: number;
  time: number;
  kind: "status" | "progress" | "warning" | "printed" | "milestone";
  text: string;
}

export interface RunStory {
  last: number;
  batches: Batch[];
  /** The last scoring of every candidate. */
  scored: Map<string, CandidateScored>;
  analysed: string[];
  proposed: InstructionsProposed[];
  rounds: RoundEnded[];
  trainings: Map<string, Training>;
  warnings: string[];
  progress: { phase: string; done: number; total: number | null; text: string } | null;
  log: LogLine[];
}

/** Lines of the log kept: the first could only be found by scrolling for minutes. */
export const MOST_LOG = 2000;

export function emptyStory(): RunStory {
  return {
    last: 0,
    batches: [],
    scored: new Map(),
    analysed: [],
    proposed: [],
    rounds: [],
    trainings: new Map(),
    warnings: [],
    progress: null,
    log: [],
  };
}

/** The story with what happened since. Its lists are shared with the one before, which must not be used again. */
export function continueStory(story: RunStory, records: readonly EventRecord[]): RunStory {
  const next = { ...story };
  for (const record of records) tellOne(next, record);
  if (next.log.length > MOST_LOG) next.log = next.log.slice(-MOST_LOG);
  return next;
}

function tellOne(story: RunStory, { seq, time, event }: EventRecord): void {
  const say = (kind: LogLine["kind"], text: string) => story.log.push({ seq, time, kind, text });
  story.last = seq;
  switch (event.kind) {
    case "status":
      return void say("status", event.reason ? `${event.status}: ${event.reason}` : event.status);
    case "progress":
      story.progress = { phase: event.phase, done: event.done, total: event.total, text: event.text ?? "" };
      return;
    case "candidate":
      story.scored.set(event.candidate, event);
      return;
    case "round":
      story.rounds.push(event);
      return void say("milestone", `round ${event.round}: ${event.accepted} of ${event.tried} accepted`);
    case "analysed":
      story.analysed.push(...event.lines);
      return;
    case "proposed":
      story.proposed.push(event);
      return void say("milestone", `${event.count} instructions proposed for ${event.predictor}`);
    case "batch": {
      // A resumed run tells its batches again from the first.
      const retold = story.batches.findIndex((one) => one.batch >= event.batch);
      if (retold >= 0) story.batches.length = retold;
      story.batches.push({ arms: [], beliefs: [], ...event, time });
      return;
    }
    case "training":
      trainingOf(story, event.student).started = event;
      return void say("milestone", `training ${event.student} on ${event.device}: ${event.steps} steps`);
    case "training step":
      trainingOf(story, event.student).steps.push(event);
      story.progress = { phase: `training ${event.student}`, done: event.step, total: event.steps, text: "" };
      return;
    case "dev":
      trainingOf(story, event.student).dev.push(event);
      return;
    case "warning":
      story.warnings.push(event.message);
      return void say("warning", event.message);
    case "printed":
      return void say("printed", event.text.trimEnd());
  }
}

function trainingOf(story: RunStory, student: string): Training {
  let found = story.trainings.get(student);
  if (!found) story.trainings.set(student, (found = { student, started: null, steps: [], dev: [] }));
  return found;
}
