// A question after the other in one quick pick, with a way back.

import * as vscode from "vscode";

export interface Answer<T> {
  label: string;
  description?: string;
  detail?: string;
  value: T;
}

export interface Question<T> {
  title: string;
  placeholder: string;
  answers: Answer<T>[];
  /** Its answer is taken with Enter. */
  preset?: T;
}

export const BACK = Symbol("back");
export const LEFT = Symbol("left");

export type Step<Draft> = (draft: Draft, place: Place) => Promise<Draft | typeof BACK | typeof LEFT>;

/** Where a step stands among those that ask something. */
export interface Place {
  step: number;
  total: number;
}

/** Run steps to the end; undefined where the user left. Going back from a step restores what it was given. */
export async function runSteps<Draft>(draft: Draft, steps: readonly Step<Draft>[]): Promise<Draft | undefined> {
  const drafts = [draft];
  while (drafts.length <= steps.length) {
    const number = drafts.length;
    const step = steps[number - 1] as Step<Draft>;
    const answer = await step(drafts[number - 1] as Draft, { step: number, total: steps.length });
    if (answer === LEFT) return undefined;
    if (answer === BACK) {
      if (drafts.length > 1) drafts.pop();
    } else {
      drafts.push(answer);
    }
  }
  return drafts.at(-1);
}

/** The chosen value. */
export function ask<T>(question: Question<T>, place: Place): Promise<T | typeof BACK | typeof LEFT> {
  return new Promise((resolve) => {
    const pick = vscode.window.createQuickPick<Answer<T>>();
    pick.title = question.title;
    pick.placeholder = question.placeholder;
    pick.items = question.answers;
    pick.step = place.step;
    pick.totalSteps = place.total;
    pick.matchOnDescription = true;
    pick.matchOnDetail = true;
    pick.ignoreFocusOut = true;
    pick.buttons = place.step > 1 ? [vscode.QuickInputButtons.Back] : [];
    const preset = question.answers.find((answer) => answer.value === question.preset);
    if (preset !== undefined) pick.activeItems = [preset];
    let settled = false;
    const settle = (answer: T | typeof BACK | typeof LEFT): void => {
      if (settled) return;
      settled = true;
      resolve(answer);
      pick.dispose();
    };
    pick.onDidTriggerButton(() => settle(BACK));
    pick.onDidAccept(() => {
      const [chosen] = pick.selectedItems;
      if (chosen !== undefined) settle(chosen.value);
    });
    pick.onDidHide(() => settle(LEFT));
    pick.show();
  });
}

/** A number above zero; LEFT where the user went away. */
export async function askNumber(title: string, prompt: string, value: string): Promise<number | typeof LEFT> {
  const text = await vscode.window.showInputBox({
    title,
    prompt,
    value,
    ignoreFocusOut: true,
    validateInput: (typed) => (Number(typed) > 0 ? undefined : "A number above zero"),
  });
  return text === undefined ? LEFT : Number(text);
}
