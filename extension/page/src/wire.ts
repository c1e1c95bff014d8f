// What the page asks and gets: `server/tunesmith/server/results/messages.py`, which a test compares with this file.
import type {
  ArtifactReport,
  Candidate,
  EventRecord,
  LmCall,
  Rollout,
  RunSpec,
  RunSummary,
  SearchReport,
} from "../../src/protocol.ts";

export interface ListRuns {
}

export interface Runs {
  root: string;
  runs: RunSummary[];
}

export interface OfRun {
  run_id: string;
}

export interface Totals {
  calls: number;
  prompt_tokens: number;
  completion_tokens: number;
  usd: number | null;
  seconds: number;
}

export interface RunPicture {
  summary: RunSummary;
  spec: RunSpec | null;
  artifact: ArtifactReport | null;
  search: SearchReport | null;
  totals: Totals;
}

export interface EventsAfter {
  run_id: string;
  after?: number;
  wait?: number;
}

export interface Events {
  records: EventRecord[];
  more: boolean;
}

export interface RowsAfter {
  run_id: string;
  after?: number;
}

export interface CandidateNames {
  ids: string[];
  names: string[];
  parents: (string | null)[];
  last: number;
  more: boolean;
}

export interface Cells {
  candidates: string[];
  candidate: number[];
  example: number[];
  held_out: number[];
  score: (number | null)[];
  unparsed: number[];
  last: number;
  more: boolean;
}

export interface OfCandidate {
  run_id: string;
  candidate: string;
}

export interface MaybeCandidate {
  candidate: Candidate | null;
}

export interface FindRollouts {
  run_id: string;
  candidate?: string | null;
  example?: number | null;
  split?: string | null;
  accepted_first?: boolean;
  skip?: number;
}

export interface Rollouts {
  rollouts: Rollout[];
  total: number;
}

export interface OfRollout {
  run_id: string;
  rollout: string;
}

export interface Calls {
  calls: LmCall[];
}

export interface ModelCost {
  model: string;
  calls: number;
  cached: number;
  prompt_tokens: number;
  completion_tokens: number;
  usd: number | null;
  seconds: number;
}

export interface Costs {
  models: ModelCost[];
  calls: number[];
  tokens: number[];
  usd: number[];
}

export interface ErrorKind {
  text: string;
  count: number;
  examples: number[];
  sample: string;
}

export interface CandidateErrors {
  candidate: string;
  split: string;
  rollouts: number;
  accepted: number;
  wrong: number;
  kinds: ErrorKind[];
}

export interface AskErrors {
  run_id: string;
  candidates: string[];
}

export interface Errors {
  of: CandidateErrors[];
}

export interface ResultsMethods {
  "results/list": { params: ListRuns; result: Runs };
  "results/run": { params: OfRun; result: RunPicture };
  "results/events": { params: EventsAfter; result: Events };
  "results/candidates": { params: RowsAfter; result: CandidateNames };
  "results/cells": { params: RowsAfter; result: Cells };
  "results/candidate": { params: OfCandidate; result: MaybeCandidate };
  "results/rollouts": { params: FindRollouts; result: Rollouts };
  "results/calls": { params: OfRollout; result: Calls };
  "results/costs": { params: OfRun; result: Costs };
  "results/errors": { params: AskErrors; result: Errors };
}
