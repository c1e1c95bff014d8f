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
  type CodeAction,
  type LanguageClientOptions,
  type Middleware,
  type WorkspaceEdit,
} from "vscode-languageclient/node";
import type { Connection } from "./connection.ts";
import type { Launch } from "./launch.ts";
import { toBeConfirmed } from "./preview.ts";
import type { RunEventParams, StartRun } from "./protocol.ts";

export interface ClientOptions {
  log: vscode.LogOutputChannel;
  trusted: boolean;
  /** A lens or an action wants a target tuned or scored: whatever it names is in the order. */
  onOrder: (command: "tunesmith.tune" | "tunesmith.evaluate", order: StartRun) => Promise<void>;
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
    middleware: middleware(() => client, options.onOrder),
  } satisfies LanguageClientOptions);
  try {
    await client.start();
  } catch (error) {
    throw new Error(lastLine(said) || String(error instanceof Error ? error.message : error));
  }
  serves = true;
  return asConnection(client);
}

function asConnection(client: LanguageClient): Connection {
  return {
    request: (method, params) => client.sendRequest(method, params),
    command: (command, argument) => client.sendRequest(ExecuteCommandRequest.type, { command, arguments: [argument] }),
    edit: async (choice) => {
      const action = await client.sendRequest(CodeActionResolveRequest.type, { title: "", data: choice });
      return action.edit ?? {};
    },
    preview: (edit, label) => applyConfirmed(client, edit, label),
    onRunEvent: (listener) => client.onNotification("tunesmith/runEvent", (params: RunEventParams) => listener(params)),
    stop: () => client.dispose(),
  };
}

async function applyConfirmed(client: LanguageClient, edit: WorkspaceEdit, label: string): Promise<boolean> {
  const converted = await client.protocol2CodeConverter.asWorkspaceEdit(toBeConfirmed(edit, label));
  return vscode.workspace.applyEdit(converted, { isRefactoring: true });
}

function middleware(client: () => LanguageClient, onOrder: ClientOptions["onOrder"]): Middleware {
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
      if (command !== "tunesmith.tune" && command !== "tunesmith.evaluate") return next(command, args);
      await onOrder(command, args[0] as StartRun);
    },
    resolveCodeAction: async (action, token) => {
      const asked = await client().code2ProtocolConverter.asCodeAction(action, token);
      const resolved: CodeAction = await client().sendRequest(CodeActionResolveRequest.type, asked, token);
      if (resolved.edit !== undefined) resolved.edit = toBeConfirmed(resolved.edit, resolved.title);
      return client().protocol2CodeConverter.asCodeAction(resolved, token);
    },
    workspace: {
      handleApplyEdit: (params, next) =>
        next({ ...params, edit: toBeConfirmed(params.edit, params.label ?? "Apply the result") }, NEVER.token),
    },
  };
}

const NEVER = new vscode.CancellationTokenSource();

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
