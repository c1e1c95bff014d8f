// Which Python runs a folder's programs, and why that one.

import { constants } from "node:fs";
import { access } from "node:fs/promises";
import { homedir } from "node:os";
import * as path from "node:path";
import type { PythonExtensions } from "./pythonExtensions.ts";

export type InterpreterSource = "setting" | "python extension" | "workspace" | "PATH";

export interface Interpreter {
  path: string;
  source: InterpreterSource;
}

/** What the choice depends on. */
export interface InterpreterFacts {
  /** Absolute path of the folder; undefined without one. */
  folder: string | undefined;
  /** `tunesmith.interpreter`, as it is written. */
  setting: string;
  trusted: boolean;
  /** All folders of the window: nothing inside them is started before they are trusted. */
  folders: readonly string[];
  environment: NodeJS.ProcessEnv;
  extensions: PythonExtensions;
}

const WINDOWS = process.platform === "win32";
const IN_ENVIRONMENT = WINDOWS ? "Scripts/python.exe" : "bin/python";
const ON_PATH = WINDOWS ? ["python.exe", "python3.exe"] : ["python3", "python"];

/** The first of: the setting, the Python extensions' choice, the folder's virtual environment, the `PATH`.
 * `missing`: what the setting names is no executable file. */
export async function findInterpreter(facts: InterpreterFacts): Promise<Interpreter | { missing: string } | undefined> {
  if (facts.setting !== "") {
    const asked = expand(facts.setting, facts.folder);
    const found = path.isAbsolute(asked) ? await executable(asked) : await onPath([asked], facts);
    return found === undefined ? { missing: asked } : { path: found, source: "setting" };
  }
  const chosen = await facts.extensions.interpreterOf(facts.folder);
  if (chosen !== undefined && mayStart(chosen, facts)) return { path: chosen, source: "python extension" };
  for (const name of facts.folder === undefined ? [] : [".venv", "venv"]) {
    const python = await executable(path.join(facts.folder ?? "", name, IN_ENVIRONMENT));
    if (python !== undefined && mayStart(python, facts)) return { path: python, source: "workspace" };
  }
  const python = await onPath(ON_PATH, facts);
  return python === undefined ? undefined : { path: python, source: "PATH" };
}

/** The first program of these names on the `PATH`. */
export async function onPath(
  names: readonly string[],
  facts: Pick<InterpreterFacts, "environment" | "trusted" | "folders">,
): Promise<string | undefined> {
  const folders = (facts.environment["PATH"] ?? "").split(path.delimiter).filter((folder) => path.isAbsolute(folder));
  for (const name of names) {
    for (const folder of folders) {
      const found = await executable(path.join(folder, name));
      if (found !== undefined && mayStart(found, facts)) return found;
    }
  }
  return undefined;
}

/** The path where it is an executable file. Not resolved: a virtual environment's python is a link. */
export async function executable(file: string): Promise<string | undefined> {
  try {
    await access(file, constants.X_OK);
    return file;
  } catch {
    return undefined;
  }
}

export function expand(setting: string, folder: string | undefined): string {
  const home = setting === "~" || setting.startsWith("~/") ? homedir() + setting.slice(1) : setting;
  const placed = home.replaceAll("${workspaceFolder}", folder ?? "");
  return placed.includes("/") && !path.isAbsolute(placed) && folder !== undefined ? path.join(folder, placed) : placed;
}

/** What lies in an untrusted workspace is its author's program. */
function mayStart(file: string, facts: Pick<InterpreterFacts, "trusted" | "folders">): boolean {
  return facts.trusted || !facts.folders.some((folder) => !path.relative(folder, file).startsWith(".."));
}
