// What can be chosen for a run, and what is chosen for who just presses Enter. Plain data.

import { unusedModules, type FolderPicture } from "../overview.ts";
import {
  OPTIMIZERS,
  type Budget,
  type DatasetReport,
  type IndexReport,
  type MetricReport,
  type Optimizer,
  type StartRun,
  type TargetInfo,
} from "../protocol.ts";
import type { Answer } from "./steps.ts";

/** What is tuned: something the server knows as a target, or a program that none names yet. */
export type Subject = { kind: "target"; target: TargetInfo } | { kind: "program"; name: string; reference: string };

/** A run in the making. */
export interface Draft {
  root: string;
  subject: Subject | undefined;
  optimizer: Optimizer | undefined;
  /** `file.py:attribute` or as the target writes it. */
  metric: string | undefined;
  data: string | undefined;
  effort: Effort | undefined;
  budget: Budget;
}

/** How much is searched, of an optimizer that can be told. */
export type Effort = "light" | "medium" | "heavy";

export function optimizerAnswers(own: Optimizer): Answer<Optimizer>[] {
  const names = Object.keys(OPTIMIZERS) as Optimizer[];
  return names.map((name) => ({
    label: OPTIMIZERS[name].title,
    detail: OPTIMIZERS[name].description,
    ...(name === own ? { description: "the target's own" } : {}),
    value: name,
  }));
}

/** Whether an optimizer can be told how much to search. */
export function asksEffort(optimizer: Optimizer): boolean {
  return OPTIMIZERS[optimizer].options.some((option) => option.keyword === "auto");
}

/** Stands for what no list has: the user types it. */
export const TYPED = "";

/** The target's own first, then those of other targets, then those found in the code. `open`: others can be named. */
export function metricAnswers(
  own: string | null,
  folder: Found,
  metrics: readonly MetricReport[],
  open: boolean,
): Answer<string>[] {
  const named = folder.targets.map((target) => ofTarget(target, target.metric));
  return listed(own, open ? [...named.flat(), ...metrics.map(asAnswer)] : [], open);
}

/** `files`: data files, relative to the root. */
export function dataAnswers(
  own: string | null,
  folder: Found,
  sets: readonly DatasetReport[],
  files: readonly string[],
  open: boolean,
): Answer<string>[] {
  const read = files.map((file) => ({ label: file, value: file }));
  const named = folder.targets.map((target) => ofTarget(target, target.trainset));
  return listed(own, open ? [...read, ...named.flat(), ...sets.map(asAnswer)] : [], open);
}

type Found = Pick<FolderPicture, "targets">;

/** What a target of the configuration names can be named again; expressions of the code cannot. */
function ofTarget(target: TargetInfo, value: string | null): Answer<string>[] {
  if (target.kind !== "configured" || value === null) return [];
  return [{ label: value, description: `of ${target.name}`, value }];
}

function asAnswer(one: { name: string; file: string; line: number }): Answer<string> {
  return { label: one.name, description: `${one.file}:${one.line}`, value: reference(one) };
}

function listed(own: string | null, others: Answer<string>[], open: boolean): Answer<string>[] {
  const kept: Answer<string>[] = own === null ? [] : [{ label: own, description: "the target's own", value: own }];
  for (const one of others) {
    if (!kept.some((known) => means(known.value, one.value))) kept.push(one);
  }
  return open ? [...kept, { label: "Another…", description: "file.py:name, or a file of data", value: TYPED }] : kept;
}

/** Whether two references say the same: `scoring:both_right` is `scoring.py:both_right`. */
function means(one: string, other: string): boolean {
  return byFile(one) === byFile(other);
}

function byFile(reference: string): string {
  const [module = "", attribute] = reference.split(":");
  return attribute === undefined || module.endsWith(".py")
    ? reference
    : `${module.replaceAll(".", "/")}.py:${attribute}`;
}

function reference(one: { file: string; name: string }): string {
  return `${one.file}:${one.name}`;
}

/** How a configured target names the program of a subject; undefined where only its code can make it. */
export function programReference(subject: Subject, index: Pick<IndexReport, "modules">): string | undefined {
  if (subject.kind === "program") return subject.reference;
  const { program, kind } = subject.target;
  if (kind === "configured") return program ?? undefined;
  const called = /^(\w+)\(\)$/.exec(program ?? "")?.[1];
  const module = index.modules.find((one) => one.name === called);
  return module && reference(module);
}

export type BudgetChoice =
  { kind: "none" } | { kind: "calls" | "usd" | "minutes"; ask: string; value: string; title: string };

export const BUDGETS: Answer<BudgetChoice>[] = [
  {
    label: "No cap of its own",
    detail: "The optimizer's own ceiling holds; you see it before anything starts.",
    value: { kind: "none" },
  },
  {
    label: "At most … LM calls",
    detail: "The run ends there with the best it has.",
    value: { kind: "calls", title: "Cap the calls", ask: "LM calls at most", value: "500" },
  },
  {
    label: "At most … dollars",
    detail: "Counted from the price table of the models; local models are free.",
    value: { kind: "usd", title: "Cap the cost", ask: "Dollars at most", value: "1" },
  },
  {
    label: "At most … minutes",
    detail: "The run ends then with the best it has.",
    value: { kind: "minutes", title: "Cap the time", ask: "Minutes at most", value: "10" },
  },
];

export const EFFORTS: Answer<Effort>[] = [
  { label: "Light", detail: "A short search, enough to see whether instructions help.", value: "light" },
  { label: "Medium", detail: "More instructions and more comparisons.", value: "medium" },
  { label: "Heavy", detail: "For the last points; several times the calls of a light search.", value: "heavy" },
];

export function capped(choice: BudgetChoice, amount: number): Budget {
  switch (choice.kind) {
    case "none":
      return {};
    case "calls":
      return { max_calls: Math.ceil(amount) };
    case "usd":
      return { max_usd: amount };
    case "minutes":
      return { max_seconds: Math.round(amount * 60) };
  }
}

/** Whether the draft asks for something its target does not say. */
export function isNewTarget({ subject, metric, data }: Draft): boolean {
  if (subject?.kind !== "target") return true;
  return metric !== (subject.target.metric ?? undefined) || data !== (subject.target.trainset ?? undefined);
}

export function asOrder(draft: Draft, target: string): StartRun {
  return {
    root: draft.root,
    target,
    ...(draft.optimizer === undefined ? {} : { optimizer: draft.optimizer }),
    ...(draft.effort === undefined ? {} : { options: { auto: draft.effort } }),
    budget: draft.budget,
  };
}

/** What there is to tune in a folder: its targets, then programs none of them names. */
export function subjects(folder: FolderPicture): Answer<Subject>[] {
  const targets = folder.targets.map((target): Answer<Subject> => ({
    label: target.name,
    description: `${target.file}:${target.line}`,
    detail: [target.program, target.metric, target.trainset].filter(Boolean).join(" · "),
    value: { kind: "target", target },
  }));
  const programs = unusedModules(folder).map((module): Answer<Subject> => ({
    label: module.name,
    description: `${module.file}:${module.line}`,
    detail: "A program: you choose its metric and data, and a target is written into pyproject.toml.",
    value: programSubject(module),
  }));
  return [...targets, ...programs];
}

export function programSubject(module: { name: string; file: string }): Subject {
  return { kind: "program", name: module.name, reference: reference(module) };
}
