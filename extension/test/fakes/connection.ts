// A server that answers from a table, and remembers what it was asked.

import type { Disposable } from "vscode";
import type { WorkspaceEdit } from "vscode-languageclient";
import type { Connection, Request } from "../../src/connection.ts";
import type { EventRecord, Methods, RunEventParams } from "../../src/protocol.ts";

type Answers = { [M in Request]?: (params: Methods[M]["params"]) => Methods[M]["result"] };

export class FakeConnection implements Connection {
  readonly asked: { method: string; params: object }[] = [];
  readonly commands: { command: string; argument: object }[] = [];
  readonly previews: { edit: WorkspaceEdit; label: string }[] = [];
  readonly #answers: Answers;
  readonly #listeners = new Set<(params: RunEventParams) => void>();
  acceptsPreview = true;
  stopped = false;

  constructor(answers: Answers = {}) {
    this.#answers = answers;
  }

  async request<M extends Request>(method: M, params: Methods[M]["params"]): Promise<Methods[M]["result"]> {
    this.asked.push({ method, params });
    const answer = this.#answers[method] as ((params: Methods[M]["params"]) => Methods[M]["result"]) | undefined;
    if (answer === undefined) throw new Error(`${method} is not answered here`);
    return answer(params);
  }

  async command(command: string, argument: object): Promise<unknown> {
    this.commands.push({ command, argument });
    return undefined;
  }

  async edit(): Promise<WorkspaceEdit> {
    return {};
  }

  async preview(edit: WorkspaceEdit, label: string): Promise<boolean> {
    this.previews.push({ edit, label });
    return this.acceptsPreview;
  }

  onRunEvent(listener: (params: RunEventParams) => void): Disposable {
    this.#listeners.add(listener);
    return { dispose: () => this.#listeners.delete(listener) };
  }

  tell(run_id: string, event: EventRecord["event"]): void {
    const params = { root: "/w", run_id, record: { seq: 1, time: 0, event } };
    for (const listener of this.#listeners) listener(params);
  }

  async stop(): Promise<void> {
    this.stopped = true;
  }
}
