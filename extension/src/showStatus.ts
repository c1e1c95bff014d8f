// "Show Status": what runs where, each line with what can be done about it.

import * as vscode from "vscode";
import { MENDS, runMend } from "./mending.ts";
import type { Mend } from "./problems.ts";
import type { Session } from "./session.ts";
import { describeState } from "./statusItem.ts";
import { aboutSeconds } from "./numbers.ts";

interface Line extends vscode.QuickPickItem {
  act?: () => Thenable<unknown>;
}

const OFFERED: Mend[] = ["restart", "chooseInterpreter", "install", "showLog"];

export async function showStatus(session: Session): Promise<void> {
  const { state } = session.server;
  const lines = state.kind === "running" ? await runningLines(session) : [];
  if (state.kind !== "running") lines.push({ label: `$(info) ${describeState(state, []).detail}` });
  const mends = state.kind === "stopped" ? state.problem.mends : [];
  const offered = [...new Set([...mends, ...OFFERED])].map((mend): Line => ({
    label: MENDS[mend].title,
    act: () => runMend(mend),
  }));
  const separator: Line = { label: "", kind: vscode.QuickPickItemKind.Separator };
  const title = "Tunesmith";
  const picked = await vscode.window.showQuickPick([...lines, separator, ...offered], { title });
  await picked?.act?.();
}

async function runningLines({ server, overview }: Session): Promise<Line[]> {
  const { state } = server;
  if (state.kind !== "running") return [];
  const daemon = await state.connection.request("tunesmith/status", {});
  const up = `up ${aboutSeconds(daemon.seconds)}, ${daemon.sessions} session${daemon.sessions === 1 ? "" : "s"}`;
  return [
    {
      label: `$(server-process) Daemon ${daemon.pid}`,
      description: `version ${daemon.version}, protocol ${daemon.protocol}, ${up}`,
      detail: daemon.log,
      act: async () => vscode.window.showTextDocument(vscode.Uri.file(daemon.log)),
    },
    {
      label: "$(symbol-misc) Served by",
      description: state.launch.from,
      detail: state.launch.command,
      act: () => runMend("chooseInterpreter"),
    },
    ...overview.running.map((run): Line => ({
      label: `$(loading~spin) ${run.target}`,
      description: run.progress || run.status,
      act: () => vscode.commands.executeCommand("tunesmith.targets.focus"),
    })),
    {
      label: "Stop Daemon",
      description: "Its runs commit what is in flight and can be resumed.",
      act: () => vscode.commands.executeCommand("tunesmith.stopDaemon"),
    },
  ];
}
