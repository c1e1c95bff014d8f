// The language client: the one file that knows its library. One a window; the server knows the window's folders.

import { spawn } from "node:child_process";
import { homedir } from "node:os";
import * as vscode from "vscode";
import {
  CloseAction,
  CodeActionResolveRequest,
  ErrorAction,
  ExecuteCommandRequest,
  LanguageClient,
  RevealOutputChannelOn,
  type LanguageClientOptions,
  type Middleware,
  type WorkspaceEdit,
} from "vscode-languageclient/node";
import type { Choice, Connection } from "./connection.ts";
import type { Launch } from "./launch.ts";
import { PREVIEW_COMMAND, type Preview } from "./preview.ts";
import type { RunEventParams, RunRef, StartRun } from "./protocol.ts";

export interface ClientOptions {
  log: vscode.LogOutputChannel;
  trusted: boolean;
  preview: Preview;
  /** A lens or an action wants a target tuned or scored: whatever it names is in the order. */
  onOrder: (command: "tunesmith.tune" | "tunesmith.evaluate", order: StartRun) => Promise<void>;
  /** A lens wants a run shown. */
  onShowRun: (run: RunRef) => Promise<void>;
}

const SELECTOR = [
  { scheme: "file", language: "python" },
  { scheme: "file", pattern: "**/pyproject.toml" },
];

/** Resolves when the server has answered `initialize`. Rejects with what it said last when it ended before.
 * `onClosed` is called once, when it ends later without having been asked to. */
export async function connect(
  launch: Launch,
  options: ClientOptions,
  onClosed: (reason: string) => void,
): Promise<Connection> {
  let said = "";
  let serves = false;
  const start = async () => {
    const server = spawn(launch.command, launch.args, { cwd: homedir() });
    server.stderr.on("data", (data: Buffer) => (said = (said + data.toString("utf8")).slice(-4096)));
    server.on("error", (error) => (said = error.message));
    return server;
  };
  const client: LanguageClient = new QuietClient("tunesmith", "Tunesmith", start, {
    documentSelector: SELECTOR,
    outputChannel: options.log,
    revealOutputChannelOn: RevealOutputChannelOn.Never,
    initializationOptions: { trusted: options.trusted },
    initializationFailedHandler: () => false,
    errorHandler: {
      error: () => ({ action: ErrorAction.Continue, handled: true }),
      closed: () => {
        if (serves) onClosed(lastLine(said) || "it ended without a word");
        return { action: CloseAction.DoNotRestart, handled: true };
      },
    },
    middleware: middleware(() => client, options),
  } satisfies LanguageClientOptions);
  try {
    await client.start();
  } catch (error) {
    throw new Error(lastLine(said) || String(error instanceof Error ? error.message : error));
  }
  serves = true;
  return asConnection(client, options.preview);
}

function asConnection(client: LanguageClient, preview: Preview): Connection {
  // The client keeps one listener a method.
  const events = new vscode.EventEmitter<RunEventParams>();
  client.onNotification("tunesmith/runEvent", (params: RunEventParams) => events.fire(params));
  return {
    request: (method, params) => client.sendRequest(method, params),
    command: (command, argument) => client.sendRequest(ExecuteCommandRequest.type, { command, arguments: [argument] }),
    edit: async (choice) => {
      const action = await client.sendRequest(CodeActionResolveRequest.type, { title: "", data: choice });
      return action.edit ?? {};
    },
    preview: (edit, label) => previewAndApply(client, preview, edit, label),
    onRunEvent: events.event,
    stop: async () => {
      events.dispose();
      await client.dispose();
    },
  };
}

async function previewAndApply(
  client: LanguageClient,
  preview: Preview,
  edit: WorkspaceEdit,
  label: string,
): Promise<boolean> {
  const converted = await client.protocol2CodeConverter.asWorkspaceEdit(edit);
  // A refactoring: its files are saved together, as the user's settings say, and undone together.
  return preview.show(edit, label, () => vscode.workspace.applyEdit(converted, { isRefactoring: true }));
}

function middleware(client: () => LanguageClient, { onOrder, onShowRun, preview }: ClientOptions): Middleware {
  return {
    provideCodeLenses: async (document, token, next) => {
      const lenses = await next(document, token);
      for (const { command } of lenses ?? []) {
        // In this editor the command asks before it starts.
        if (command?.command === "tunesmith.tune") command.title += "…";
      }
      return lenses;
    },
    executeCommand: async (command, args, next) => {
      if (command === "tunesmith.tune" || command === "tunesmith.evaluate") await onOrder(command, args[0] as StartRun);
      else if (command === "tunesmith.showRun") await onShowRun(args[0] as RunRef);
      else return next(command, args) as unknown;
    },
    provideCodeActions: async (document, range, context, token, next) => {
      const actions = await next(document, range, context, token);
      for (const action of actions ?? []) {
        if (action.command !== undefined) continue;
        const { data } = action as vscode.CodeAction & { data: Choice };
        action.command = { title: action.title, command: PREVIEW_COMMAND, arguments: [data, action.title] };
      }
      return actions;
    },
    // It has its command, which composes the edit.
    resolveCodeAction: (action) => action,
    workspace: {
      handleApplyEdit: async ({ edit, label }) => ({
        applied: await previewAndApply(client(), preview, edit, label ?? "Apply the result"),
      }),
    },
  };
}

/** What goes wrong is told once, by who asked: the library's own notices go to the log. */
class QuietClient extends LanguageClient {
  override error(message: string, data?: unknown): void {
    super.error(message, data, false);
  }

  override info(message: string, data?: unknown): void {
    super.info(message, data, false);
  }
}

function lastLine(text: string): string {
  return text.trim().split("\n").at(-1)?.trim() ?? "";
}
