// The language status: which Python, which daemon, its version, and what runs.

import * as vscode from "vscode";
import { MENDS } from "./mending.ts";
import type { Overview } from "./overview.ts";
import type { RunSummary } from "./protocol.ts";
import type { Server, ServerState } from "./server.ts";

const SELECTOR: vscode.DocumentSelector = [{ language: "python" }, { pattern: "**/pyproject.toml" }];

export interface StatusText {
  text: string;
  detail: string;
  severity: "information" | "warning" | "error";
  busy: boolean;
  command: vscode.Command;
}

export class StatusItem implements vscode.Disposable {
  readonly #item = vscode.languages.createLanguageStatusItem("tunesmith", SELECTOR);

  constructor() {
    this.#item.name = "Tunesmith";
    this.#item.text = "Tunesmith";
  }

  show(server: Server, overview: Overview): void {
    const status = describeState(server.state, overview.running);
    this.#item.text = status.text;
    this.#item.detail = status.detail;
    this.#item.severity = SEVERITIES[status.severity];
    this.#item.busy = status.busy;
    this.#item.command = status.command;
  }

  dispose(): void {
    this.#item.dispose();
  }
}

const SEVERITIES = {
  information: vscode.LanguageStatusSeverity.Information,
  warning: vscode.LanguageStatusSeverity.Warning,
  error: vscode.LanguageStatusSeverity.Error,
};

const SHOW: vscode.Command = { command: "tunesmith.showStatus", title: "Status" };

export function describeState(state: ServerState, running: readonly RunSummary[]): StatusText {
  const calm = { severity: "information", busy: false, command: SHOW } as const;
  switch (state.kind) {
    case "idle":
      return { ...calm, text: "Tunesmith", detail: "no DSPy program is open" };
    case "starting":
      return { ...calm, text: "Tunesmith", detail: "starting", busy: true };
    case "waiting":
      return { ...calm, text: "Tunesmith", detail: `starting again: ${state.reason}`, severity: "warning", busy: true };
    case "stopped": {
      const [mend] = state.problem.mends;
      const command = mend === undefined ? SHOW : { ...MENDS[mend], arguments: argumentsOf(MENDS[mend]) };
      return { text: "Tunesmith is off", detail: state.problem.message, severity: "error", busy: false, command };
    }
    case "running": {
      const daemon = `daemon ${state.daemon.pid}`;
      const jobs = running.map((run) => `${run.target}: ${run.progress || run.status}`);
      const detail = [state.launch.from, daemon, ...jobs].join(" · ");
      return { ...calm, text: `Tunesmith ${state.daemon.version}`, detail, busy: jobs.length > 0 };
    }
  }
}

function argumentsOf(mend: { argument?: string }): string[] {
  return mend.argument === undefined ? [] : [mend.argument];
}
