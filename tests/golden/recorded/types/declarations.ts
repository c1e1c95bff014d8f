export interface Analysed {
  kind: "analysed";
  lines: string[];
}

export interface ApplyParams {
  root: string;
  run_id: string;
  form?: "demos" | "instructions" | "load";
  predictor?: string | null;
  write?: boolean;
}

export interface ApplyResult {
  files: string[];
  diff: string;
  written: boolean;
}

export interface ArmEstimate {
  candidate: string;
  levels: number[];
  n: number;
  score: number | null;
  mean: number;
  low: number;
  high: number;
  probability: number;
  tokens?: number | null;
  seconds?: number | null;
}

export interface ArmGain {
  over: "base" | "few-shot" | "teacher" | "tuned";
  gain: Gain;
}

export interface ArmScore {
  name: "base" | "few-shot" | "teacher" | "tuned";
  score: Score;
  unparsed: number;
  seconds_per_answer: number;
  usd_per_passing: number | null;
}

export interface ArtifactReport {
  report: RunReport;
  target: ConfiguredTarget | CompileTarget;
  fingerprint: ProgramFingerprint | null;
  source_digests: Record<string, string>;
  predictors: string[];
  demos: DemoChoice[];
  instructions?: InstructionChoice[];
  students?: StudentInfo[];
  literal_demos: boolean;
  warnings: string[];
  created: number;
}

export interface AskCalls {
  run_id: string;
  rollout: string;
}

export interface AskCandidate {
  run_id: string;
  candidate: string;
}

export interface AskErrors {
  run_id: string;
  candidates: string[];
}

export interface AskRun {
  run_id: string;
}

export const BASELINE = "baseline";

export interface BatchArm {
  candidate: string;
  cells: number;
  reason: "baseline" | "challenger" | "design" | "finishing" | "leader" | "new" | "predicted";
}

export interface BatchClosed {
  kind: "batch";
  batch: number;
  rollouts: number;
  ceiling: number;
  tried: number;
  leader: string;
  mean: number;
  probability: number;
  arms?: BatchArm[];
  beliefs?: Belief[];
}

export interface Belief {
  candidate: string;
  mean: number;
  low: number;
  high: number;
  n: number;
}

export interface BreakEven {
  api: string;
  queries: number | null;
  basis: string;
}

export interface Budget {
  max_calls?: number | null;
  max_usd?: number | null;
  max_seconds?: number | null;
}

export interface CallList {
  calls: LmCall[];
}

export interface CancelOrder {
  reason?: string;
}

export interface Candidate {
  id: string;
  name: string;
  parent: string | null;
  state: Record<string, unknown>;
}

export interface CandidateErrors {
  candidate: string;
  split: string;
  rollouts: number;
  accepted: number;
  wrong: number;
  kinds: RolloutErrorKind[];
}

export interface CandidateNames {
  ids: string[];
  names: string[];
  parents: (string | null)[];
  last: number;
  more: boolean;
}

export interface CandidateScored {
  kind: "candidate";
  candidate: string;
  name: string;
  score: Score;
  gain?: Gain | null;
}

export interface CheckReport {
  findings: Finding[];
}

export interface ClientGreeting {
  protocol: number;
  version: string;
  client: "cli" | "lsp";
  cwd: string;
  environment: Record<string, string>;
}

export interface Comparison {
  arms: ArmScore[];
  gains: ArmGain[];
}

export interface CompileReport {
  file: string;
  line: number;
  optimizer: string | null;
  program: string | null;
  metric: string | null;
  trainset: string | null;
  valset: string | null;
  scope: string;
}

export interface CompileTarget {
  kind: "compile";
  name: string;
  file: string;
  line: number;
  program: string | null;
  metric: string | null;
  trainset: string | null;
  valset: string | null;
  importable: boolean;
  optimizer?: "bootstrap-fewshot" | "bootstrap-finetune" | "mipro-v2" | null;
  arguments?: string[];
}

export interface ConfiguredTarget {
  kind: "configured";
  name: string;
  program: string;
  metric: string | null;
  trainset: string | null;
  valset?: string | null;
  inputs?: string[];
  file: string;
  line: number;
  lm?: string | null;
  teacher_lm?: string | null;
  prompt_lm?: string | null;
  model?: string | null;
  optimizer?: "bootstrap-fewshot" | "bootstrap-finetune" | "mipro-v2" | null;
}

export const DEFAULT_OPTIMIZER: Optimizer = "bootstrap-fewshot";

export interface DaemonGreeting {
  protocol: number;
  version: string;
  pid: number;
}

export interface DaemonStatus {
  pid: number;
  version: string;
  protocol: number;
  seconds: number;
  socket: string | null;
  log: string;
  sessions: number;
  running: string[];
  queued: string[];
}

export interface DatasetReport {
  name: string;
  file: string;
  line: number;
  kind: "examples" | "loader";
  inputs: string[];
}

export interface DemoChoice {
  predictor: string;
  example: number | null;
  origin: string;
  why: string;
  tokens: number;
  values: Record<string, unknown>;
}

export interface DevScored {
  kind: "dev";
  student: string;
  step: number;
  loss: number;
  exact: number;
  best: boolean;
}

export interface Empty {
}

export interface Estimate {
  optimizer: string;
  train: number;
  val: number;
  program_calls: number;
  expected_program_calls?: number | null;
  calls_per_program: number;
  prompt_calls: number;
  lm_calls: number;
  prompt_tokens: number;
  completion_tokens: number;
  usd: number | null;
  seconds: number | null;
  basis: string[];
  finetune?: FinetuneEstimate | null;
}

export interface EventList {
  records: EventRecord[];
  more: boolean;
}

export interface EventRecord {
  seq: number;
  time: number;
  event: StatusChanged | Progressed | CandidateScored | RoundEnded | Analysed | InstructionsProposed | BatchClosed | TrainingStarted | TrainingStep | DevScored | Warned | Printed;
}

export interface EventsAfter {
  run_id: string;
  after?: number;
  wait?: number;
}

export const FINAL_STATUSES: ReadonlySet<RunStatus> = new Set<RunStatus>(["cancelled", "failed", "finished"]);

export interface Factor {
  predictor: string;
  kind: "demos" | "instruction";
  levels: number;
}

export interface FeatureEffect {
  predictor: string;
  name: string;
  meaning: string;
  mean: number;
  low: number;
  high: number;
  probability: number;
  levels: number;
}

export interface FieldPrint {
  name: string;
  type: string;
  desc?: string | null;
}

export interface FieldReport {
  name: string;
  type: string;
  desc?: string | null;
}

export interface FindRollouts {
  run_id: string;
  candidate?: string | null;
  example?: number | null;
  split?: string | null;
  accepted_first?: boolean;
  skip?: number;
}

export interface Finding {
  rule: string;
  severity: "error" | "hint" | "information" | "warning";
  message: string;
  file: string;
  line: number;
  column: number;
  end_line: number;
  end_column: number;
}

export interface FinetuneEstimate {
  model: string;
  architecture: "causal" | "seq2seq";
  parameters: number;
  strategies: StrategyEstimate[];
  picked: string;
  why: string[];
  serving_bytes: number;
  hardware: HardwareEstimate[];
  break_even: BreakEven[];
  warnings: string[];
}

export interface FinetuneReport {
  students: StudentInfo[];
  comparison: Comparison | null;
  predictions: Prediction[];
  rows: number;
  refused: Record<string, number>;
  warnings: string[];
  break_even: BreakEven[];
  why: string[];
}

export interface Gain {
  mean: number;
  low: number;
  high: number;
  probability: number;
  verdict: "confirmed" | "likely" | "no gain";
}

export interface HardwareEstimate {
  name: string;
  memory_bytes: number;
  fits: boolean;
  train_seconds: SecondsRange;
  usd: number | null;
}

export interface IndexReport {
  files: number;
  signatures: SignatureReport[];
  modules: ModuleReport[];
  metrics: MetricReport[];
  datasets: DatasetReport[];
  compiles: CompileReport[];
  loads: LoadReport[];
}

export interface InstructionChoice {
  predictor: string;
  before: string;
  after: string;
  view: string;
  why: string;
}

export interface InstructionsProposed {
  kind: "proposed";
  predictor: string;
  round: number;
  count: number;
  views: Record<string, number>;
}

export const LIVE_STATUSES: ReadonlySet<RunStatus> = new Set<RunStatus>(["queued", "running"]);

export interface LevelEffect {
  predictor: string;
  kind: "demos" | "instruction";
  level: number;
  name: string;
  text: string;
  mean: number;
  low: number;
  high: number;
  n: number;
}

export interface LmCall {
  key: string;
  rollout: string | null;
  model: string;
  request: Record<string, unknown>;
  outputs: unknown[];
  prompt_tokens: number;
  completion_tokens: number;
  usd: number | null;
  seconds: number;
  cache_hit: boolean;
}

export interface LoadReport {
  file: string;
  line: number;
  program: string | null;
  path: string | null;
}

export interface MaybeCandidate {
  candidate: Candidate | null;
}

export interface MetricReport {
  name: string;
  file: string;
  line: number;
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

export interface ModuleReport {
  name: string;
  file: string;
  line: number;
  predictors: PredictorReport[];
  dynamic?: boolean;
}

export const OPTIMIZERS: Record<Optimizer, Required<OptimizerInfo>> = {
  "bootstrap-fewshot": {
    name: "bootstrap-fewshot",
    classes: ["BootstrapFewShot"],
    title: "Demos (BootstrapFewShot)",
    description: "Finds worked examples among the program's own good runs. The cheapest, and a good first try.",
    help: "finds demos",
    run_options: {"teacher_rounds": 2},
    order_fields: [],
    searches: false,
    options: [
      {"keyword": "max_bootstrapped_demos", "kind": "whole number", "default": 4, "help": "demos a predictor gets from traces"},
      {"keyword": "max_labeled_demos", "kind": "whole number", "default": 16, "help": "demos in all, filled up with labelled examples"},
      {"keyword": "max_rounds", "kind": "whole number", "default": 1},
      {"keyword": "max_errors", "kind": "whole number"},
      {"keyword": "metric_threshold", "kind": "number"},
      {"keyword": "teacher_settings", "kind": "other"},
      {"keyword": "teacher_rounds", "kind": "whole number", "default": 1, "positive": true, "help": "how often the improved program teaches again"},
      {"keyword": "pool_size", "kind": "whole number"},
      {"keyword": "embedder", "kind": "other"},
      {"keyword": "strict", "kind": "flag", "default": false},
    ],
  },
  "mipro-v2": {
    name: "mipro-v2",
    classes: ["MIPROv2"],
    title: "Instructions and demos (MIPROv2)",
    description: "Also writes instructions, and searches for the best combination. More calls, often more gain.",
    help: "also writes instructions and searches for the best of both",
    run_options: {"selection": "likely"},
    order_fields: ["prompt_lm"],
    searches: true,
    options: [
      {"keyword": "max_bootstrapped_demos", "kind": "whole number", "default": 4, "help": "demos a predictor gets from traces"},
      {"keyword": "max_labeled_demos", "kind": "whole number", "default": 4, "help": "demos in all, filled up with labelled examples"},
      {"keyword": "auto", "kind": "choice", "choices": ["light", "medium", "heavy"], "default": "light", "help": "how much to search: dspy's budgets are the ceiling"},
      {"keyword": "num_candidates", "kind": "whole number"},
      {"keyword": "max_errors", "kind": "whole number"},
      {"keyword": "init_temperature", "kind": "number", "default": 1.0},
      {"keyword": "metric_threshold", "kind": "number"},
      {"keyword": "teacher_settings", "kind": "other"},
      {"keyword": "num_instructions", "kind": "whole number", "help": "instructions written for each predictor"},
      {"keyword": "selection", "kind": "choice", "choices": ["likely", "strict", "max"], "default": "max", "help": "ship what beats the baseline with probability 0.7 (likely), 0.97 (strict), or whatever is best (max)"},
      {"keyword": "objectives", "kind": "other", "default": ["score"]},
      {"keyword": "max_program_calls", "kind": "whole number", "positive": true, "help": "a ceiling below that of the mode"},
      {"keyword": "max_rounds", "kind": "whole number", "default": 1},
      {"keyword": "stop_at_score", "kind": "number"},
      {"keyword": "embedder", "kind": "other"},
    ],
  },
  "bootstrap-finetune": {
    name: "bootstrap-finetune",
    classes: ["BootstrapFinetune"],
    title: "A small model of your own (BootstrapFinetune)",
    description: "Trains a local model on the program's good runs. Minutes to hours on this machine.",
    help: "trains a small model of your own",
    run_options: {},
    order_fields: ["model"],
    searches: false,
    options: [
      {"keyword": "multitask", "kind": "flag", "default": true},
      {"keyword": "train_kwargs", "kind": "other"},
      {"keyword": "adapter", "kind": "other"},
      {"keyword": "exclude_demos", "kind": "flag", "default": false},
      {"keyword": "strategy", "kind": "choice", "choices": ["auto", "full", "lora", "prompt", "multitask"], "default": "auto", "help": "which weights change: all, low-rank additions, or a soft prompt; multitask: one student for all predictors; auto: what suits model, data and memory"},
      {"keyword": "samples", "kind": "whole number", "default": 1, "positive": true, "help": "answers of the teacher to each training example"},
      {"keyword": "epochs", "kind": "number", "positive": true, "help": "passes over the training rows"},
      {"keyword": "learning_rate", "kind": "number", "positive": true, "help": "by default by the strategy", "value": "RATE"},
      {"keyword": "metric_threshold", "kind": "number"},
      {"keyword": "teacher_settings", "kind": "other"},
      {"keyword": "teacher_demos", "kind": "whole number", "default": 4},
      {"keyword": "use_labels", "kind": "flag", "default": true},
      {"keyword": "rationale", "kind": "choice", "choices": ["auto", "joint", "separate", "answer"], "default": "auto"},
      {"keyword": "compare", "kind": "flag", "default": true},
      {"keyword": "max_errors", "kind": "whole number"},
      {"keyword": "strict", "kind": "flag", "default": false},
    ],
  },
};

export type Optimizer = "bootstrap-fewshot" | "mipro-v2" | "bootstrap-finetune";

export interface OptimizerInfo {
  name: string;
  classes: string[];
  title: string;
  description: string;
  help: string;
  options?: OptionInfo[];
  run_options?: Record<string, unknown>;
  order_fields?: ("model" | "prompt_lm")[];
  searches?: boolean;
}

export interface OptionInfo {
  keyword: string;
  kind: "choice" | "flag" | "number" | "other" | "whole number";
  choices?: string[];
  default?: unknown;
  positive?: boolean;
  help?: string;
  value?: string;
}

export const PROTOCOL_VERSION = 3;

export interface PathParams {
  root: string;
  path?: string | null;
}

export interface Prediction {
  what: string;
  unit: string;
  predicted: number;
  low: number;
  high: number;
  actual: number | null;
}

export interface PredictorInfo {
  name: string;
  kind: string;
  signature: string | null;
  file: string;
  line: number;
  dynamic?: boolean;
  demos?: number;
  instruction?: boolean;
  model?: string | null;
}

export interface PredictorPrint {
  name: string;
  kind: string;
  signature: string | null;
  instructions: string | null;
  inputs: FieldPrint[];
  outputs: FieldPrint[];
  file: string;
  line: number;
}

export interface PredictorReport {
  name: string;
  kind: string;
  signature: string | null;
  line: number;
  dynamic?: boolean;
}

export interface Printed {
  kind: "printed";
  stream: "stderr" | "stdout";
  text: string;
}

export interface ProgramFingerprint {
  program: string;
  predictors: PredictorPrint[];
  dynamic: string[];
  digest: string;
}

export interface ProgramInfo {
  name: string;
  file: string;
  line: number;
  predictors: PredictorInfo[];
  modules: string[];
}

export interface Progressed {
  kind: "progress";
  phase: string;
  done: number;
  total: number | null;
  text?: string;
}

export const RESTING_STATUSES: ReadonlySet<RunStatus> = new Set<RunStatus>(["needs credentials", "interrupted", "cancelled", "failed", "finished"]);

export const RUNS_FOLDER = "runs";

export interface Rollout {
  key: string;
  candidate: string;
  example: string;
  index: number;
  split: "train" | "val";
  sample: number;
  status: "failed" | "scored" | "unparsed";
  score: number | null;
  accepted: boolean;
  feedback?: string | null;
  prediction: Record<string, unknown>;
  steps: Step[];
  error?: string | null;
  seconds: number;
  faithful?: boolean;
}

export interface RolloutErrorKind {
  text: string;
  count: number;
  examples: number[];
  sample: string;
}

export interface RolloutList {
  rollouts: Rollout[];
  total: number;
}

export interface RootParams {
  root: string;
}

export interface RoundEnded {
  kind: "round";
  round: number;
  tried: number;
  accepted: number;
  pool: number;
}

export interface RowsAfter {
  run_id: string;
  after?: number;
}

export interface RunCosts {
  models: ModelCost[];
  calls: number[];
  tokens: number[];
  usd: number[];
}

export interface RunDetail {
  summary: RunSummary;
  artifact: ArtifactReport | null;
  candidates: Candidate[];
  events: EventRecord[];
  rollouts: Rollout[];
  calls: LmCall[];
  search?: SearchReport | null;
}

export interface RunErrors {
  of: CandidateErrors[];
}

export interface RunEventNote {
  run_id: string;
  record: EventRecord;
}

export interface RunEventParams {
  root: string;
  run_id: string;
  record: EventRecord;
}

export interface RunList {
  runs: RunSummary[];
}

export interface RunOrder {
  spec: RunSpec;
}

export interface RunOutcome {
  status: "cancelled" | "failed" | "finished" | "interrupted" | "needs credentials" | "queued" | "running";
  report?: RunReport | null;
  error?: UserError | null;
}

export interface RunPicture {
  summary: RunSummary;
  spec: RunSpec | null;
  artifact: ArtifactReport | null;
  search: SearchReport | null;
  totals: Totals;
}

export interface RunRef {
  root: string;
  run_id: string;
}

export interface RunReport {
  run_id: string;
  status: "cancelled" | "failed" | "finished" | "interrupted" | "needs credentials" | "queued" | "running";
  optimizer: string;
  target: string;
  baseline: Score | null;
  tuned: Score | null;
  gain: Gain | null;
  calls: number;
  tokens: number;
  usd: number | null;
  seconds: number;
  artifact: string | null;
  searched?: boolean;
  estimate?: Estimate | null;
  finetune?: FinetuneReport | null;
}

export interface RunSpec {
  run_id: string;
  run_dir: string;
  root: string;
  interpreter: string;
  target: ConfiguredTarget | CompileTarget;
  optimizer: "bootstrap-fewshot" | "bootstrap-finetune" | "evaluate" | "mipro-v2";
  options?: Record<string, unknown>;
  lm?: string | null;
  teacher_lm?: string | null;
  prompt_lm?: string | null;
  model?: string | null;
  budget?: Budget;
  seed?: number;
  threads?: number | null;
  keep_baseline?: boolean;
  confirmed_capture?: boolean;
  fingerprint?: ProgramFingerprint | null;
  source_digests?: Record<string, string>;
  estimate_only?: boolean;
  reuse_from?: string | null;
}

export interface RunStarted {
  run_id: string;
  run_dir: string;
}

export type RunStatus = "queued" | "running" | "needs credentials" | "interrupted" | "cancelled" | "failed" | "finished";

export interface RunSummary {
  run_id: string;
  run_dir: string;
  target: string;
  optimizer: string;
  status: "cancelled" | "failed" | "finished" | "interrupted" | "needs credentials" | "queued" | "running";
  created: number;
  progress: string;
  report: RunReport | null;
  error: UserError | null;
}

export interface Score {
  score: number;
  low: number;
  high: number;
  n: number;
}

export interface ScoreCells {
  candidates: string[];
  candidate: number[];
  example: number[];
  held_out: number[];
  score: (number | null)[];
  unparsed: number[];
  last: number;
  more: boolean;
}

export interface SearchReport {
  batches: number;
  rollouts: number;
  ceiling: number;
  factors: Factor[];
  effects: LevelEffect[];
  features: FeatureEffect[];
  measured: ArmEstimate[];
  tried?: number | null;
  untried: ArmEstimate[];
  front: string[];
}

export interface SecondsRange {
  low: number;
  mean: number;
  high: number;
}

export interface ShowRun {
  root: string;
  run_id: string;
  example?: number | null;
}

export interface SignatureReport {
  name: string;
  file: string;
  line: number;
  instructions: string | null;
  inputs: FieldReport[];
  outputs: FieldReport[];
  dynamic?: boolean;
}

export interface StartRun {
  root: string;
  target: string;
  optimizer?: "bootstrap-fewshot" | "bootstrap-finetune" | "evaluate" | "mipro-v2" | null;
  options?: Record<string, unknown>;
  lm?: string | null;
  teacher_lm?: string | null;
  prompt_lm?: string | null;
  model?: string | null;
  budget?: Budget;
  seed?: number;
  threads?: number | null;
  keep_baseline?: boolean;
  estimate_only?: boolean;
  interpreter?: string | null;
  confirmed_capture?: boolean;
  arguments?: string[];
  reuse_from?: string | null;
}

export interface StatusChanged {
  kind: "status";
  status: "cancelled" | "failed" | "finished" | "interrupted" | "needs credentials" | "queued" | "running";
  reason?: string | null;
}

export interface Step {
  kind: "predictor" | "retriever" | "tool";
  name: string;
  inputs: Record<string, unknown>;
  outputs: Record<string, unknown>;
  reasoning?: string | null;
  calls?: string[];
  error?: string | null;
  seconds: number;
}

export interface StrategyEstimate {
  name: string;
  memory_bytes: number;
  fits: boolean;
  train_seconds: SecondsRange;
  trainable: number;
}

export interface StudentInfo {
  path: string;
  model: string;
  method: "full" | "lora" | "prompt";
  tasks: string[];
  weights_bytes: number;
  fingerprint: string;
}

export const TUNED = "tuned";

export interface TargetInfo {
  name: string;
  kind: "compile" | "configured";
  file: string;
  line: number;
  program: string | null;
  metric: string | null;
  trainset: string | null;
  importable?: boolean;
  optimizer?: "bootstrap-fewshot" | "bootstrap-finetune" | "mipro-v2" | null;
  definition?: ProgramInfo | null;
  last_run?: RunSummary | null;
}

export interface TargetList {
  targets: TargetInfo[];
}

export interface Totals {
  calls: number;
  prompt_tokens: number;
  completion_tokens: number;
  usd: number | null;
  seconds: number;
}

export interface TrainingStarted {
  kind: "training";
  student: string;
  device: string;
  parameters: number;
  trainable: number;
  rows: number;
  refused: Record<string, number>;
  steps: number;
  layout: string;
  resumed_at?: number;
}

export interface TrainingStep {
  kind: "training step";
  student: string;
  step: number;
  steps: number;
  loss: number;
  tokens_per_second: number;
  peak_bytes: number;
  eta_seconds: number;
}

export const UNDER_WAY_STATUSES: ReadonlySet<RunStatus> = new Set<RunStatus>(["queued", "running", "needs credentials"]);

export const UNTUNED_MODEL = "base";

export interface UserError {
  message: string;
  where?: string | null;
  next_step?: string | null;
  traceback?: string | null;
}

export const WORKSPACE_FOLDER = ".tunesmith";

export interface Warned {
  kind: "warning";
  message: string;
}

export interface WatchRun {
  root: string;
  run_id: string;
  after?: number;
}

export interface WorkerHello {
  protocol: number;
  version: string;
}

export interface WorkerReady {
  protocol: number;
  version: string;
  python: string;
  dspy: string;
}

export interface WorkspaceRuns {
  root: string;
  runs: RunSummary[];
}
