// Opening a window's session: its parts made, and each told what it must know of the others.

import * as vscode from "vscode";
import { showResults, takeOrder } from "./commands.ts";
import { startResultsServer } from "../page/embed/resultsServer.ts";
import { showProblem } from "./mending.ts";
import type { ClientOptions } from "./client.ts";
import { Overview } from "./overview.ts";
import { Preview } from "./preview.ts";
import { Pythons } from "./python.ts";
import { pythonExtensions } from "./pythonExtensions.ts";
import { ResultsPanels } from "./results/panels.ts";
import { Server, type ServerState } from "./server.ts";
import type { Session } from "./session.ts";
import { StatusItem } from "./statusItem.ts";

export function openSession({ subscriptions, extensionUri }: vscode.ExtensionContext): Session {
  const log = vscode.window.createOutputChannel("Tunesmith", { log: true });
  const extensions = pythonExtensions(subscriptions, log);
  const pythons = new Pythons(extensions, log);
  const overview = new Overview(log);
  const status = new StatusItem();
  const preview = new Preview();
  const server: Server = new Server({
    find: () => pythons.findServer(),
    connect: async (launch, onClosed) => {
      log.info(`Starting ${launch.command} ${launch.args.join(" ")}`);
      // Most windows never need it: it is read when the first one does.
      const { connect } = await import("./client.ts");
      const trusted = vscode.workspace.isTrusted;
      const onOrder: ClientOptions["onOrder"] = (command, order) => takeOrder(session, command, order);
      const onShowRun: ClientOptions["onShowRun"] = (run) => showResults(session, run);
      return connect(launch, { log, trusted, preview, onOrder, onShowRun }, onClosed);
    },
    onState: (state, before) => {
      log.info(`${describe(before)} → ${describe(state)}`);
      void vscode.commands.executeCommand("setContext", "tunesmith.state", state.kind);
      if (state.kind === "running" || before.kind === "running") overview.follow(server.connection);
      if (state.kind === "stopped" && before.kind !== "idle") void tell(state);
      status.show(server, overview);
    },
  });
  const results = new ResultsPanels(extensionUri, async (root) => {
    await server.start();
    const { state, launch } = server;
    if (state.kind === "stopped") throw new Error(`The language server is not running: ${state.problem.message}`);
    if (launch === undefined) throw new Error("The language server is not running yet.");
    return startResultsServer(launch.cli, root);
  });
  const session: Session = { log, server, overview, pythons, results };
  subscriptions.push(
    log,
    overview,
    status,
    preview,
    results,
    overview.onDidChange(() => status.show(server, overview)),
    extensions.onDidChange(() => server.restartIfMoved()),
    vscode.workspace.onDidGrantWorkspaceTrust(() => restartIfStarted(server)),
    vscode.workspace.onDidChangeConfiguration((change) => {
      if (change.affectsConfiguration("tunesmith")) restartIfStarted(server);
    }),
    vscode.workspace.onDidChangeWorkspaceFolders(() => overview.refresh()),
    { dispose: () => void server.dispose() },
  );
  return session;
}

function restartIfStarted(server: Server): void {
  if (server.state.kind !== "idle") void server.restart();
}

async function tell(state: ServerState & { kind: "stopped" }): Promise<void> {
  if (!state.problem.isKnown) await showProblem(state.problem);
}

function describe(state: ServerState): string {
  switch (state.kind) {
    case "running":
      return `running (daemon ${state.daemon.pid}, version ${state.daemon.version})`;
    case "waiting":
      return `waiting (${state.reason})`;
    case "stopped":
      return `stopped (${state.problem.message})`;
    default:
      return state.kind;
  }
}
