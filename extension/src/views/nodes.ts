// The tree as plain data: folders where there are several, then targets with their program and runs, then the modules
// that no target uses.

import { isShare } from "../numbers.ts";
import { unusedModules, type FolderPicture } from "../overview.ts";
import {
  DEFAULT_OPTIMIZER,
  LIVE_STATUSES,
  type ModuleReport,
  type PredictorInfo,
  type ProgramInfo,
  type RunSummary,
  type TargetInfo,
} from "../protocol.ts";
import { describeAge, describeOutcome, describeScore, describeVerdict, endOf, shownScore } from "../wording.ts";

export type Node =
  | { kind: "folder"; folder: FolderPicture }
  | { kind: "target"; root: string; target: TargetInfo; runs: RunSummary[] }
  | { kind: "program"; root: string; target: string; program: ProgramInfo }
  | { kind: "unused"; root: string; modules: ModuleReport[] }
  | { kind: "module"; root: string; module: ModuleReport }
  | { kind: "predictor"; root: string; of: string; predictor: PredictorInfo }
  | { kind: "run"; root: string; run: RunSummary }
  | { kind: "earlier"; root: string; runs: RunSummary[] };

/** How a node looks, before it is VS Code's. */
export interface Look {
  label: string;
  description: string;
  icon: string;
  /** A theme colour of the icon. */
  color?: string;
  contextValue: string;
  expands: "no" | "collapsed" | "expanded";
  tooltip: string;
  /** Where it stands in the source, from line 1. */
  place?: { file: string; line: number };
}

const RECENT = 5;

export function roots(folders: readonly FolderPicture[]): Node[] {
  const [only, ...others] = folders.filter((folder) => folder.targets.length + folder.modules.length > 0);
  if (only === undefined) return [];
  return others.length === 0 ? inFolder(only) : [only, ...others].map((folder) => ({ kind: "folder", folder }));
}

export function children(node: Node): Node[] {
  switch (node.kind) {
    case "folder":
      return inFolder(node.folder);
    case "target":
      return [...programNodes(node.root, node.target), ...runNodes(node.root, node.runs)];
    case "program":
      return predictorNodes(node.root, `target ${node.target}`, node.program.predictors);
    case "unused":
      return node.modules.map((module) => ({ kind: "module", root: node.root, module }));
    case "module": {
      const { file, name, predictors } = node.module;
      const found = predictors.map((predictor) => ({ ...predictor, file }));
      return predictorNodes(node.root, `module ${file}:${name}`, found);
    }
    case "earlier":
      return node.runs.map((run) => ({ kind: "run", root: node.root, run }));
    case "predictor":
    case "run":
      return [];
  }
}

/** `now`: seconds since the epoch. */
export function look(node: Node, now: number): Look {
  switch (node.kind) {
    case "folder":
      return { ...plain(node.folder.name, "root-folder", "folder"), expands: "expanded", tooltip: node.folder.root };
    case "target":
      return lookOfTarget(node.target, node.runs, now);
    case "program":
      return lookOfProgram(node.program);
    case "unused":
      return {
        ...plain("Without a target", "symbol-namespace", "unused"),
        description: "programs",
        expands: "expanded",
        tooltip:
          "Programs that no target uses. Tuning one asks for its metric and data, " +
          "and writes a target for it into pyproject.toml.",
      };
    case "module":
      return {
        ...plain(node.module.name, "symbol-class", "module"),
        description: node.module.dynamic ? "dynamic" : "",
        expands: node.module.predictors.length > 0 ? "collapsed" : "no",
        tooltip: `${node.module.file}:${node.module.line}`,
        place: { file: node.module.file, line: node.module.line },
      };
    case "predictor":
      return lookOfPredictor(node.predictor);
    case "run":
      return lookOfRun(node.run, now);
    case "earlier":
      return { ...plain(`${node.runs.length} earlier`, "history", "earlier"), expands: "collapsed" };
  }
}

/** How a run's menu knows it. */
export function runContext(run: RunSummary): string {
  if (LIVE_STATUSES.has(run.status)) return `run.${run.status}`;
  if (run.report?.artifact) return "run.shipped";
  return run.status === "finished" ? "run.finished" : "run.resumable";
}

function inFolder(folder: FolderPicture): Node[] {
  const { root } = folder;
  const targets = folder.targets.map((target): Node => {
    const runs = folder.runs.filter((run) => run.target === target.name);
    return { kind: "target", root, target, runs };
  });
  const unused = unusedModules(folder);
  return unused.length > 0 ? [...targets, { kind: "unused", root, modules: unused }] : targets;
}

function programNodes(root: string, { name, definition }: TargetInfo): Node[] {
  return definition ? [{ kind: "program", root, target: name, program: definition }] : [];
}

function predictorNodes(root: string, of: string, predictors: PredictorInfo[]): Node[] {
  return predictors.map((predictor) => ({ kind: "predictor", root, of, predictor }));
}

function runNodes(root: string, runs: RunSummary[]): Node[] {
  const recent = runs.slice(0, RECENT).map((run): Node => ({ kind: "run", root, run }));
  const earlier = runs.slice(RECENT);
  return earlier.length > 0 ? [...recent, { kind: "earlier", root, runs: earlier }] : recent;
}

function lookOfTarget(target: TargetInfo, runs: RunSummary[], now: number): Look {
  // As the lens does: what a run that was stopped had scored by then says less than what an earlier one finished.
  const scored = runs.find((run) => run.status === "finished" && run.report && shownScore(run.report) !== null);
  const live = runs.find((run) => LIVE_STATUSES.has(run.status));
  const score = scored?.report ? shownScore(scored.report) : null;
  const known = scored && score ? `${describeScore(score)}, ${describeAge(now - endOf(scored))}` : "not scored yet";
  const where = `${target.file}:${target.line}`;
  return {
    ...plain(target.name, live ? "loading~spin" : "target", "target"),
    description: live ? describeOutcome(live) : known,
    expands: runs.length > 0 || target.definition ? "expanded" : "no",
    tooltip: [
      `program: ${target.program ?? "?"}`,
      `metric: ${target.metric ?? "none"}`,
      `data: ${target.trainset ?? "none"}`,
      `tuned with: ${target.optimizer ?? DEFAULT_OPTIMIZER}`,
      where,
    ].join("\n"),
    place: { file: target.file, line: target.line },
  };
}

function lookOfProgram({ name, file, line, predictors }: ProgramInfo): Look {
  const count = `${predictors.length} predictor${predictors.length === 1 ? "" : "s"}`;
  return {
    ...plain(name, "symbol-class", "program"),
    description: predictors.some((one) => one.dynamic) ? "dynamic" : count,
    expands: predictors.length > 0 ? "collapsed" : "no",
    tooltip: `${file}:${line}`,
    place: { file, line },
  };
}

function lookOfPredictor(predictor: PredictorInfo): Look {
  const { name, kind, signature, file, line } = predictor;
  const tuned = describeTuned(predictor);
  return {
    ...plain(name, "symbol-method", "predictor"),
    description: [kind, signature, ...tuned].filter(Boolean).join(" · "),
    tooltip: [`${file}:${line}`, tuned.length > 0 ? `From the newest run that helped: ${tuned.join(", ")}` : ""]
      .filter(Boolean)
      .join("\n"),
    place: { file, line },
  };
}

/** As the hint beside the predictor says it. */
function describeTuned({ instruction, demos = 0, model }: PredictorInfo): string[] {
  return [
    ...(instruction ? ["new instruction"] : []),
    ...(demos > 0 ? [`${demos} demo${demos > 1 ? "s" : ""}`] : []),
    ...(model ? [model] : []),
  ];
}

function lookOfRun(run: RunSummary, now: number): Look {
  const { icon, color } = iconOf(run);
  return {
    ...plain(run.optimizer, icon, runContext(run)),
    ...(color ? { color } : {}),
    description: `${describeOutcome(run)}, ${describeAge(now - endOf(run))}`,
    tooltip: [
      describeOutcome(run),
      run.report?.gain ? describeVerdict(run.report.gain, run.report.tuned !== null && isShare(run.report.tuned)) : "",
      run.error?.next_step,
      `${run.run_id}, ${run.status}`,
    ]
      .filter(Boolean)
      .join("\n"),
  };
}

function iconOf(run: RunSummary): { icon: string; color?: string } {
  switch (run.status) {
    case "running":
      return { icon: "loading~spin" };
    case "queued":
      return { icon: "clock" };
    case "failed":
      return { icon: "error", color: "testing.iconFailed" };
    case "needs credentials":
      return { icon: "key", color: "list.warningForeground" };
    case "interrupted":
      return { icon: "debug-disconnect", color: "list.warningForeground" };
    case "cancelled":
      return { icon: "circle-slash" };
    case "finished":
      return run.report?.gain?.verdict === "no gain" || !run.report?.gain
        ? { icon: "circle-outline" }
        : { icon: "pass", color: "testing.iconPassed" };
  }
}

function plain(label: string, icon: string, contextValue: string): Look {
  return { label, description: "", icon, contextValue, expands: "no", tooltip: label };
}
