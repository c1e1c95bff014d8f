// Which command serves the editor: of the setting, of the folder's Python, or the one installed for the user.

import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import * as path from "node:path";
import { executable, expand, findInterpreter, onPath, type InterpreterFacts } from "./interpreter.ts";
import { isTooOld, probe } from "./probe.ts";
import { lacking, missingFile, noPython, notPython, tooOld, untrustedLaunch, type Problem } from "./problems.ts";
import type { Run } from "./process.ts";

export interface Launch {
  command: string;
  args: string[];
  /** What it is of, in a few words. */
  from: string;
  /** The command line, with the verbs people type. */
  cli: [string, ...string[]];
  /** The Python that has it; undefined where the command does not tell. */
  python: string | undefined;
}

export interface LaunchFacts extends InterpreterFacts {
  /** `tunesmith.path`, as it is written. */
  command: string;
}

const CLI = ["-P", "-c", "import sys; from tunesmith.server.cli import main; sys.exit(main(sys.argv[1:]))"];
const FORWARDER = ["-P", "-m", "tunesmith.server.serve_editor"];
const TOOL = process.platform === "win32" ? "tunesmith.exe" : "tunesmith";

export async function findLaunch(facts: LaunchFacts, run: Run): Promise<Launch | Problem> {
  if (facts.command !== "") {
    const asked = expand(facts.command, facts.folder);
    const found = path.isAbsolute(asked) ? await executable(asked) : await onPath([asked], facts);
    return found === undefined ? missingFile("tunesmith.path", asked) : ofTool(found);
  }
  const python = await ofPython(facts, run);
  if ("args" in python) return python;
  const tool = (await onPath([TOOL], facts)) ?? (await executable(path.join(homedir(), ".local", "bin", TOOL)));
  // A setting that names nothing is said, whatever else there is.
  return tool === undefined || python.mends.includes("openSettings") ? python : ofTool(tool);
}

async function ofPython(facts: LaunchFacts, run: Run): Promise<Launch | Problem> {
  const found = await findInterpreter(facts);
  if (found === undefined) return facts.trusted ? noPython() : untrustedLaunch();
  if ("missing" in found) return missingFile("tunesmith.interpreter", found.missing);
  const has = await probe(found.path, run);
  if (has === undefined) return notPython(found.path);
  if (isTooOld(has)) return tooOld(found.path, has.python);
  if (!has.serves) return facts.trusted ? lacking(found.path, ["tunesmith[server]"]) : untrustedLaunch();
  const from = `Python ${has.python} (${found.source})`;
  return { command: found.path, args: FORWARDER, from, cli: [found.path, ...CLI], python: found.path };
}

async function ofTool(command: string): Promise<Launch> {
  return { command, args: ["lsp"], from: command, cli: [command], python: await pythonOfScript(command) };
}

/** The first line of an installed script names its Python. */
async function pythonOfScript(script: string): Promise<string | undefined> {
  const text = await readFile(script, "latin1").catch(() => "");
  const python = /^#!(\S*python[\d.]*)\s*$/m.exec(text.slice(0, 512))?.[1];
  return python === undefined ? undefined : executable(python);
}
