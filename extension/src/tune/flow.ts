// "Tune…": what, how, against which metric and data, with what budget; then what it costs; then it starts.

import * as path from "node:path";
import * as vscode from "vscode";
import type { Connection } from "../connection.ts";
import type { FolderPicture, Overview } from "../overview.ts";
import { DEFAULT_OPTIMIZER, type IndexReport, type StartRun, WORKSPACE_FOLDER } from "../protocol.ts";
import { describeEstimate } from "../wording.ts";
import {
  asksEffort,
  asOrder,
  BUDGETS,
  capped,
  dataAnswers,
  EFFORTS,
  isNewTarget,
  metricAnswers,
  optimizerAnswers,
  programReference,
  subjects,
  TYPED,
  type BudgetChoice,
  type Draft,
  type Subject,
} from "./choices.ts";
import { estimate } from "./estimate.ts";
import { freeName, targetTable } from "./newTarget.ts";
import { ask, askNumber, BACK, LEFT, runSteps, type Place, type Question, type Step } from "./steps.ts";

export interface Tuning {
  connection: Connection;
  overview: Overview;
  /** The interpreter for a folder's runs where the editor decides it, and whether it can run them at all. */
  interpreterFor: (root: string) => Promise<{ interpreter?: string } | undefined>;
}

const START = "Start";
const CHANGE = "Change…";
const AGREE = "Run the Script";
const DATA_FILES = "**/*.{jsonl,csv,parquet}";
const NOT_DATA = `**/{node_modules,.venv,venv,${WORKSPACE_FOLDER},.git}/**`;
const MOST_FILES = 50;

/** Ask, estimate, and start once the user agrees. `subject`: what a lens or the tree named. */
export async function tune(tuning: Tuning, root: string | undefined, subject: Subject | undefined): Promise<void> {
  const folder = await chooseFolder(tuning.overview, root);
  if (folder === undefined) return;
  const python = await tuning.interpreterFor(folder.root);
  if (python === undefined) return;
  const index = await tuning.connection.request("tunesmith/index", { root: folder.root });
  let draft: Draft | undefined = {
    root: folder.root,
    subject,
    optimizer: undefined,
    metric: undefined,
    data: undefined,
    effort: undefined,
    budget: {},
  };
  for (;;) {
    draft = await runSteps(draft, stepsOf(folder, index, subject === undefined));
    if (draft?.subject === undefined) return;
    const target = await settleTarget(tuning, folder, index, draft);
    if (target === undefined) return;
    const order = await agreeToScript({ ...asOrder(draft, target), ...python }, draft.subject);
    if (order === undefined) return;
    const answer = await agreeToCost(tuning.connection, order);
    if (answer === CHANGE) continue;
    if (answer === START) {
      await tuning.connection.command("tunesmith.tune", order);
      await tuning.overview.refresh();
    }
    return;
  }
}

/** The folder named, the only one, or the one the user picks. */
async function chooseFolder(overview: Overview, root: string | undefined): Promise<FolderPicture | undefined> {
  await overview.refresh();
  const folders = overview.folders.filter((folder) => root === undefined || folder.root === root);
  if (folders.length <= 1) return folders[0];
  const answers = folders.map((folder) => ({ label: folder.name, description: folder.root, folder }));
  return (await vscode.window.showQuickPick(answers, { placeHolder: "In which folder?" }))?.folder;
}

function stepsOf(folder: FolderPicture, index: IndexReport, asksSubject: boolean): Step<Draft>[] {
  const subjectStep: Step<Draft> = async (draft, place) => {
    const question = { title: "Tune", placeholder: "What do you want to tune?", answers: subjects(folder) };
    const subject = await ask(question, place);
    return subject === BACK || subject === LEFT ? subject : { ...draft, subject };
  };
  return [
    ...(asksSubject ? [subjectStep] : []),
    optimizerStep,
    metricStep(folder, index),
    dataStep(folder, index),
    budgetStep,
  ];
}

const optimizerStep: Step<Draft> = async (draft, place) => {
  const own = (draft.subject?.kind === "target" && draft.subject.target.optimizer) || DEFAULT_OPTIMIZER;
  const question = { title: titleOf(draft), placeholder: "What should change?", answers: optimizerAnswers(own) };
  const optimizer = await ask({ ...question, preset: draft.optimizer ?? own }, place);
  if (optimizer === BACK || optimizer === LEFT) return optimizer;
  if (!asksEffort(optimizer)) return { ...draft, optimizer, effort: undefined };
  const effort = await ask({ title: titleOf(draft), placeholder: "How much to search?", answers: EFFORTS }, place);
  // Back from here asks the same step again.
  if (effort === BACK) return optimizerStep(draft, place);
  return effort === LEFT ? effort : { ...draft, optimizer, effort };
};

function metricStep(folder: FolderPicture, index: IndexReport): Step<Draft> {
  return async (draft, place) => {
    const own = draft.subject?.kind === "target" ? draft.subject.target.metric : null;
    const answers = metricAnswers(own, folder, index.metrics, isOpen(draft, index));
    if (answers.length === 0) return lacks(draft, "metric");
    const question = { title: titleOf(draft), placeholder: "When is an answer right?", answers };
    const metric = await askReference({ ...question, ...preset(draft.metric ?? own) }, "scoring.py:is_right", place);
    return metric === BACK || metric === LEFT ? metric : { ...draft, metric };
  };
}

function dataStep(folder: FolderPicture, index: IndexReport): Step<Draft> {
  return async (draft, place) => {
    const own = draft.subject?.kind === "target" ? draft.subject.target.trainset : null;
    const files = isOpen(draft, index) ? await dataFiles(draft.root) : [];
    const answers = dataAnswers(own, folder, index.datasets, files, isOpen(draft, index));
    if (answers.length === 0) return lacks(draft, "trainset");
    const question = { title: titleOf(draft), placeholder: "Which examples to learn from?", answers };
    const data = await askReference({ ...question, ...preset(draft.data ?? own) }, "data/train.jsonl", place);
    return data === BACK || data === LEFT ? data : { ...draft, data };
  };
}

/** One of the answers, or what the user types. */
async function askReference(
  question: Question<string>,
  example: string,
  place: Place,
): Promise<string | typeof BACK | typeof LEFT> {
  const answer = await ask(question, place);
  if (answer !== TYPED) return answer;
  const typed = await vscode.window.showInputBox({
    title: question.title,
    prompt: question.placeholder,
    placeHolder: example,
    ignoreFocusOut: true,
  });
  return typed === undefined || typed.trim() === "" ? askReference(question, example, place) : typed.trim();
}

const budgetStep: Step<Draft> = async (draft, place: Place) => {
  const question = { title: titleOf(draft), placeholder: "How much may it take?", answers: BUDGETS };
  const choice: BudgetChoice | typeof BACK | typeof LEFT = await ask(question, place);
  if (choice === BACK || choice === LEFT) return choice;
  if (choice.kind === "none") return { ...draft, budget: {} };
  const amount = await askNumber(choice.title, choice.ask, choice.value);
  return amount === LEFT ? budgetStep(draft, place) : { ...draft, budget: capped(choice, amount) };
};

/** Another metric or other data need a target of their own, which needs a name for the program. */
function isOpen(draft: Draft, index: IndexReport): boolean {
  return draft.subject !== undefined && programReference(draft.subject, index) !== undefined;
}

/** The code makes the program, so that no other target can name it, and leaves this out. */
async function lacks({ subject }: Draft, what: string): Promise<typeof LEFT> {
  const where = subject?.kind === "target" ? `${subject.target.file}:${subject.target.line}` : "";
  void vscode.window.showWarningMessage(`Tunesmith: ${where} names no ${what}. Give it one, then tune again.`);
  return LEFT;
}

async function dataFiles(root: string): Promise<string[]> {
  const pattern = new vscode.RelativePattern(root, DATA_FILES);
  const found = await vscode.workspace.findFiles(pattern, NOT_DATA, MOST_FILES);
  return found.map((uri) => path.relative(root, uri.fsPath).split(path.sep).join("/")).sort();
}

/** The name the run goes by: the target's, or that of a new one the user saw and agreed to. */
async function settleTarget(
  tuning: Tuning,
  folder: FolderPicture,
  index: IndexReport,
  draft: Draft,
): Promise<string | undefined> {
  const { subject, metric, data } = draft;
  if (subject === undefined || metric === undefined || data === undefined) return undefined;
  const named = subject.kind === "target" ? subject.target.name : subject.name;
  if (!isNewTarget(draft)) return named;
  const program = programReference(subject, index);
  if (program === undefined) return undefined;
  const name = freeName(
    named,
    folder.targets.map((target) => target.name),
  );
  const written = await writeTarget(tuning.connection, draft.root, { name, program, metric, trainset: data });
  return written ? name : undefined;
}

/** Into pyproject.toml, through the preview. */
async function writeTarget(
  connection: Connection,
  root: string,
  target: Parameters<typeof targetTable>[0],
): Promise<boolean> {
  const uri = vscode.Uri.file(path.join(root, "pyproject.toml"));
  const document = await vscode.workspace.openTextDocument(uri).then(
    (found) => found,
    () => undefined,
  );
  const end = document?.lineAt(document.lineCount - 1).range.end ?? new vscode.Position(0, 0);
  const newText = targetTable(target, document?.getText() ?? "");
  const edits = [{ range: { start: end, end }, newText }];
  const file = { textDocument: { uri: uri.toString(), version: document?.version ?? null }, edits };
  const documentChanges = document ? [file] : [{ kind: "create" as const, uri: uri.toString() }, file];
  if (!(await connection.preview({ documentChanges }, `Add the target ${target.name}`))) return false;
  await (await vscode.workspace.openTextDocument(uri)).save();
  return true;
}

/** Arguments that are local variables are only there once the script runs. */
async function agreeToScript(order: StartRun, subject: Subject): Promise<StartRun | undefined> {
  if (subject.kind !== "target" || subject.target.importable !== false || order.target !== subject.target.name) {
    return order;
  }
  const { file, line } = subject.target;
  const message = `Run ${file} up to line ${line}?`;
  const detail =
    "The arguments of this compile call are local variables, so its script has to run up to it. " +
    "Or name the program, metric and data under [tool.tunesmith.targets] in pyproject.toml.";
  const answer = await vscode.window.showWarningMessage(message, { modal: true, detail }, AGREE);
  return answer === AGREE ? { ...order, confirmed_capture: true } : undefined;
}

async function agreeToCost(connection: Connection, order: StartRun): Promise<typeof START | typeof CHANGE | undefined> {
  const expected = await estimate(connection, order);
  if (expected === undefined) return undefined;
  const message = `Tune ${order.target} with ${order.optimizer}?`;
  const detail = [...describeEstimate(expected), "", "On what that rests:", ...expected.basis].join("\n");
  return vscode.window.showInformationMessage(message, { modal: true, detail }, START, CHANGE);
}

function titleOf({ subject }: Draft): string {
  return `Tune ${subject?.kind === "target" ? subject.target.name : (subject?.name ?? "")}`;
}

function preset(value: string | null): { preset?: string } {
  return value === null ? {} : { preset: value };
}
