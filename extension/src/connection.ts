// What the rest of the extension may ask of the language server.

import type { Disposable } from "vscode";
import type { WorkspaceEdit } from "vscode-languageclient";
import type { Methods, RunEventParams } from "./protocol.ts";

/** Requests of ours that an editor sends. */
export type Request = Extract<keyof Methods, `tunesmith/${string}`>;

/** What the server's commands take, each as its one argument. */
export type ServerCommand = `tunesmith.${"tune" | "evaluate" | "cancel" | "resume" | "showRun" | "apply"}`;

/** Names the edit that applies a run, as code actions carry it. */
export interface Choice {
  root: string;
  run_id: string;
  form: "load" | "demos" | "instructions";
  predictor: string | null;
  /** A document of the run's workspace, and its version; null where it is not open. */
  uri: string;
  version: number | null;
}

/** Rejected promises carry the server's sentence. */
export interface Connection {
  request<M extends Request>(method: M, params: Methods[M]["params"]): Promise<Methods[M]["result"]>;
  /** The server shows the run's progress and its end. */
  command(command: ServerCommand, argument: object): Promise<unknown>;
  /** The edit as the language server protocol writes it. */
  edit(choice: Choice): Promise<WorkspaceEdit>;
  /** Show the edit as a diff, and apply it once the user agrees. False where they discarded it. */
  preview(edit: WorkspaceEdit, label: string): Promise<boolean>;
  onRunEvent(listener: (params: RunEventParams) => void): Disposable;
  stop(): Promise<void>;
}
