// The window's folders as the server sees them: targets, programs, runs. Asked for anew when something changed.

import * as vscode from "vscode";
import type { Connection } from "./connection.ts";
import { LIVE_STATUSES, type ModuleReport, type RunEventParams, type RunSummary, type TargetInfo } from "./protocol.ts";

export interface FolderPicture {
  root: string;
  name: string;
  targets: TargetInfo[];
  modules: ModuleReport[];
  /** Newest first. */
  runs: RunSummary[];
}

/** The modules that no target's program is made of. */
export function unusedModules({ targets, modules }: FolderPicture): ModuleReport[] {
  const used = new Set(targets.flatMap((target) => target.definition?.modules ?? []));
  return modules.filter((module) => !used.has(`${module.file}:${module.name}`));
}

const SOON_MS = 200;

export class Overview implements vscode.Disposable {
  folders: FolderPicture[] = [];
  readonly #changed = new vscode.EventEmitter<void>();
  readonly onDidChange = this.#changed.event;
  readonly #log: vscode.LogOutputChannel;
  #connection: Connection | undefined;
  #listening: vscode.Disposable | undefined;
  #watched = new Set<string>();
  #refreshing: Promise<void> | undefined;
  #next: Promise<void> | undefined;
  #soon: NodeJS.Timeout | undefined;

  constructor(log: vscode.LogOutputChannel) {
    this.#log = log;
  }

  /** Follow a new connection; without one, what was known stays in sight. */
  follow(connection: Connection | undefined): void {
    this.#listening?.dispose();
    this.#watched.clear();
    this.#connection = connection;
    this.#listening = connection?.onRunEvent((params) => this.#hear(params));
    void this.refresh();
  }

  get running(): RunSummary[] {
    return this.folders.flatMap((folder) => folder.runs.filter((run) => LIVE_STATUSES.has(run.status)));
  }

  rootOf(run: RunSummary): string | undefined {
    return this.folders.find((folder) => folder.runs.some((one) => one.run_id === run.run_id))?.root;
  }

  /** One at a time; asked for in between, it is done once more, and that is what is waited for. */
  refresh(): Promise<void> {
    if (this.#refreshing === undefined) {
      this.#refreshing = this.#read().finally(() => (this.#refreshing = undefined));
      return this.#refreshing;
    }
    this.#next ??= this.#refreshing.then(() => {
      this.#next = undefined;
      return this.refresh();
    });
    return this.#next;
  }

  dispose(): void {
    clearTimeout(this.#soon);
    this.#listening?.dispose();
    this.#changed.dispose();
  }

  async #read(): Promise<void> {
    const connection = this.#connection;
    if (connection === undefined) return;
    const folders = (vscode.workspace.workspaceFolders ?? []).filter((folder) => folder.uri.scheme === "file");
    const pictures = await Promise.all(folders.map((folder) => this.#readFolder(connection, folder)));
    if (connection !== this.#connection) return;
    this.folders = pictures.filter((picture) => picture !== undefined);
    this.#changed.fire();
  }

  async #readFolder(connection: Connection, folder: vscode.WorkspaceFolder): Promise<FolderPicture | undefined> {
    const root = folder.uri.fsPath;
    try {
      const [{ targets }, { modules }, { runs }] = await Promise.all([
        connection.request("tunesmith/targets", { root }),
        connection.request("tunesmith/index", { root }),
        connection.request("tunesmith/listRuns", { root }),
      ]);
      await Promise.all(
        runs.filter((run) => LIVE_STATUSES.has(run.status)).map((run) => this.#watch(connection, root, run)),
      );
      return { root, name: folder.name, targets, modules, runs };
    } catch (error) {
      this.#log.warn(`${root} could not be read: ${String(error)}`);
      return this.folders.find((known) => known.root === root);
    }
  }

  async #watch(connection: Connection, root: string, run: RunSummary): Promise<void> {
    if (this.#watched.has(run.run_id)) return;
    this.#watched.add(run.run_id);
    await connection.request("tunesmith/watchRun", { root, run_id: run.run_id, after: 0 });
  }

  #hear({ run_id, record }: RunEventParams): void {
    if (record.event.kind === "status") void this.refresh();
    if (record.event.kind !== "progress") return;
    const { phase, done, total, text } = record.event;
    const progress = `${phase} ${done}${total === null ? "" : `/${total}`}${text ? `: ${text}` : ""}`;
    this.folders = this.folders.map((folder) => ({
      ...folder,
      runs: folder.runs.map((run) => (run.run_id === run_id ? { ...run, progress } : run)),
    }));
    this.#fireSoon();
  }

  /** Events come in bursts: a run that is followed tells its past first. */
  #fireSoon(): void {
    this.#soon ??= setTimeout(() => {
      this.#soon = undefined;
      this.#changed.fire();
    }, SOON_MS);
  }
}
