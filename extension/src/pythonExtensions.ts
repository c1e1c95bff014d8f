// The two extensions that know which Python the user picked. Both are optional, and asked only when it matters.

import * as vscode from "vscode";

export interface PythonExtensions {
  /** The interpreter chosen for a folder (for none: the window); undefined where neither extension has one. */
  interpreterOf(folder: string | undefined): Promise<string | undefined>;
  /** Something was chosen anew, in a folder or everywhere. Only extensions asked before are listened to. */
  onDidChange: vscode.Event<void>;
}

/** What is used of `ms-python.vscode-python-envs`. */
interface Environments {
  getEnvironment(scope: vscode.Uri | undefined): Promise<{ execInfo?: { run?: { executable?: string } } } | undefined>;
  onDidChangeEnvironment: vscode.Event<unknown>;
}

/** What is used of `ms-python.python`. */
interface Python {
  environments: {
    getActiveEnvironmentPath(resource?: vscode.Uri): unknown;
    resolveEnvironment(environment: unknown): Promise<{ executable: { uri?: vscode.Uri } } | undefined>;
    onDidChangeActiveEnvironmentPath: vscode.Event<unknown>;
  };
}

export function pythonExtensions(subscriptions: vscode.Disposable[], log: vscode.LogOutputChannel): PythonExtensions {
  const changed = new vscode.EventEmitter<void>();
  const heard = new Set<string>();
  subscriptions.push(changed);

  /** The API, once the extension is active; its changes are passed on from then on. */
  async function api<Api>(id: string, changes: (api: Api) => vscode.Event<unknown>): Promise<Api | undefined> {
    const extension = vscode.extensions.getExtension<Api | undefined>(id);
    if (extension === undefined) return undefined;
    const found = await extension.activate();
    // Absent where the user turned the extension off by a setting of its own.
    if (found !== undefined && !heard.has(id)) {
      heard.add(id);
      subscriptions.push(changes(found)(() => changed.fire()));
    }
    return found;
  }

  async function ofEnvironments(uri: vscode.Uri | undefined): Promise<string | undefined> {
    const found = await api<Environments>("ms-python.vscode-python-envs", (one) => one.onDidChangeEnvironment);
    return (await found?.getEnvironment(uri))?.execInfo?.run?.executable;
  }

  async function ofPython(uri: vscode.Uri | undefined): Promise<string | undefined> {
    const found = await api<Python>("ms-python.python", (one) => one.environments.onDidChangeActiveEnvironmentPath);
    const environments = found?.environments;
    const chosen = await environments?.resolveEnvironment(environments.getActiveEnvironmentPath(uri));
    return chosen?.executable.uri?.fsPath;
  }

  async function interpreterOf(folder: string | undefined): Promise<string | undefined> {
    const uri = folder === undefined ? undefined : vscode.Uri.file(folder);
    for (const ask of [ofEnvironments, ofPython]) {
      try {
        const found = await ask(uri);
        if (found !== undefined) return found;
      } catch (error) {
        log.warn(`A Python extension could not be asked for its interpreter: ${String(error)}`);
      }
    }
    return undefined;
  }

  return { interpreterOf, onDidChange: changed.event };
}
