// Runs started elsewhere (a terminal, another window) appear as folders; the overview then asks the server.

import * as path from "node:path";
import * as vscode from "vscode";
import type { Overview } from "./overview.ts";
import { RUNS_FOLDER, WORKSPACE_FOLDER } from "./protocol.ts";
import { folders } from "./python.ts";

export function watchRuns(overview: Overview): vscode.Disposable {
  const watchers = folders().map((folder) => {
    const watcher = vscode.workspace.createFileSystemWatcher(
      // Direct children of a folder that may not be there yet: watching a whole workspace would cost more.
      new vscode.RelativePattern(path.join(folder, WORKSPACE_FOLDER, RUNS_FOLDER), "*"),
      false,
      true,
    );
    watcher.onDidCreate(() => overview.refresh());
    watcher.onDidDelete(() => overview.refresh());
    return watcher;
  });
  return vscode.Disposable.from(...watchers);
}
