// The interpreters of this window's folders: for the server, for runs, and for installing.

import * as vscode from "vscode";
import { isConfigured, namesInterpreter } from "./concern.ts";
import { findInterpreter, onPath, type Interpreter, type InterpreterFacts } from "./interpreter.ts";
import { offerInstall } from "./installation.ts";
import { findLaunch, type Launch } from "./launch.ts";
import { showProblem } from "./mending.ts";
import { lacking, missingFile, noPython, notPython, type Problem } from "./problems.ts";
import { isTooOld, probe } from "./probe.ts";
import { run } from "./process.ts";
import type { PythonExtensions } from "./pythonExtensions.ts";

const UV = process.platform === "win32" ? ["uv.exe"] : ["uv"];

export class Pythons {
  readonly #extensions: PythonExtensions;
  readonly #log: vscode.LogOutputChannel;

  constructor(extensions: PythonExtensions, log: vscode.LogOutputChannel) {
    this.#extensions = extensions;
    this.#log = log;
  }

  /** What serves this window: of the first folder that has it. */
  async findServer(): Promise<Launch | Problem> {
    const command = vscode.workspace.getConfiguration("tunesmith").get("path", "");
    let first: Problem | undefined;
    for (const folder of folders().length > 0 ? folders() : [undefined]) {
      const found = await findLaunch({ ...this.#facts(folder), command }, run);
      if (!("mends" in found)) return found;
      first ??= found;
    }
    return first ?? noPython();
  }

  /** What a run in this folder is told. `interpreter` is missing where the project or the server decides; undefined
   * where it could not run, which the user then knows. */
  async forRuns(root: string): Promise<{ interpreter?: string } | undefined> {
    const found = await findInterpreter(this.#facts(root));
    if (found !== undefined && "missing" in found) {
      void showProblem(missingFile("tunesmith.interpreter", found.missing));
      return undefined;
    }
    // The setting outweighs the project, the project outweighs what an extension happens to have chosen.
    if (found === undefined || found.source === "PATH") return {};
    if (found.source !== "setting" && (await namesInterpreter(root))) return {};
    return (await this.#works(found)) ? { interpreter: found.path } : undefined;
  }

  /** Offer to install tunesmith into a folder's Python. True once it is there. */
  async install(root: string | undefined): Promise<boolean> {
    const found = await findInterpreter(this.#facts(root ?? folders()[0]));
    if (found === undefined || "missing" in found) {
      void showProblem(found === undefined ? noPython() : missingFile("tunesmith.interpreter", found.missing));
      return false;
    }
    const has = await probe(found.path, run);
    if (has === undefined || isTooOld(has)) {
      void showProblem(notPython(found.path));
      return false;
    }
    const facts = this.#facts(undefined);
    return offerInstall(found.path, has, await onPath(UV, facts), run, this.#log);
  }

  async #works(found: Interpreter): Promise<boolean> {
    const has = await probe(found.path, run);
    if (has === undefined) {
      void showProblem(notPython(found.path));
      return false;
    }
    const missing = [...(has.works ? [] : ["tunesmith"]), ...(has.dspy === null ? ["dspy"] : [])];
    if (missing.length > 0) void showProblem(lacking(found.path, missing));
    return missing.length === 0;
  }

  #facts(folder: string | undefined): InterpreterFacts {
    const scope = folder === undefined ? undefined : vscode.Uri.file(folder);
    return {
      folder,
      setting: vscode.workspace.getConfiguration("tunesmith", scope).get("interpreter", ""),
      trusted: vscode.workspace.isTrusted,
      folders: folders(),
      environment: process.env,
      extensions: this.#extensions,
    };
  }
}

/** Absolute paths of the window's folders on disk. */
export function folders(): string[] {
  return (vscode.workspace.workspaceFolders ?? [])
    .filter((folder) => folder.uri.scheme === "file")
    .map((folder) => folder.uri.fsPath);
}

/** Whether any folder says in its pyproject.toml that tunesmith is for it. */
export async function anyConfigured(): Promise<boolean> {
  return (await Promise.all(folders().map(isConfigured))).includes(true);
}
