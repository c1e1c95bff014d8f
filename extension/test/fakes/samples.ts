// Small answers of a server, to vary.

import type { ModuleReport, ProgramInfo, RunReport, RunSummary, TargetInfo } from "../../src/protocol.ts";

export function aTarget(changes: Partial<TargetInfo> = {}): TargetInfo {
  return {
    name: "desk",
    kind: "configured",
    file: "pyproject.toml",
    line: 11,
    program: "bike_desk:desk",
    metric: "scoring:both_right",
    trainset: "data/train.jsonl",
    optimizer: "bootstrap-fewshot",
    ...changes,
  };
}

export function aRun(changes: Partial<RunSummary> = {}): RunSummary {
  return {
    run_id: "r1",
    run_dir: "/w/.tunesmith/runs/r1",
    target: "desk",
    optimizer: "bootstrap-fewshot",
    status: "finished",
    created: 1000,
    progress: "",
    report: null,
    error: null,
    ...changes,
  };
}

export function aReport(changes: Partial<RunReport> = {}): RunReport {
  return {
    run_id: "r1",
    status: "finished",
    optimizer: "bootstrap-fewshot",
    target: "desk",
    baseline: { score: 0.15, low: 0.1, high: 0.2, n: 80 },
    tuned: { score: 0.82, low: 0.76, high: 0.88, n: 80 },
    gain: { mean: 0.67, low: 0.55, high: 0.79, probability: 0.97, verdict: "confirmed" },
    calls: 10,
    tokens: 1000,
    usd: 0,
    seconds: 100,
    artifact: "program.json",
    ...changes,
  };
}

export function aProgram(changes: Partial<ProgramInfo> = {}): ProgramInfo {
  const predictors = [{ name: "sort", kind: "Predict", signature: "SortMessage", file: "bike_desk.py", line: 26 }];
  const modules = ["bike_desk.py:BikeDesk"];
  return { name: "BikeDesk", file: "bike_desk.py", line: 22, predictors, modules, ...changes };
}

export function aModule(changes: Partial<ModuleReport> = {}): ModuleReport {
  const predictors = [{ name: "sort", kind: "Predict", signature: "SortMessage", line: 26 }];
  return { name: "BikeDesk", file: "bike_desk.py", line: 22, predictors, ...changes };
}
