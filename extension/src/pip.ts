// What an installation would change, and the installation itself: with pip, or with uv where an environment has no pip.

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import * as path from "node:path";
import type { Run } from "./process.ts";

export interface Change {
  name: string;
  /** null: it is not there yet. */
  from: string | null;
  to: string;
}

export interface Plan {
  changes: Change[];
  /** The command that does exactly this. */
  command: string[];
  /** Removes what the command reads. */
  forget: () => Promise<void>;
}

interface Package {
  name: string;
  version: string;
  editable_project_location?: string;
}

/** How to talk to an installer. */
interface Installer {
  list: string[];
  install: string[];
  /** Added for a plan instead of an installation. */
  dryRun: string[];
  read: (stdout: string, stderr: string) => { name: string; to: string }[];
}

export class InstallError extends Error {}

const PACKAGE = "tunesmith";
export const REQUIREMENT = "tunesmith[server]";

/** Plan with every present version as a constraint; where that cannot be, without. Rejects with `InstallError`. */
export async function planInstall(
  python: string,
  hasPip: boolean,
  uv: string | undefined,
  run: Run,
  signal: AbortSignal,
): Promise<Plan> {
  const installer = hasPip ? pip(python) : uv === undefined ? undefined : ofUv(uv, python);
  if (installer === undefined) {
    throw new InstallError(`${python} has no pip, and there is no uv. Run \`${python} -m ensurepip\`, then try again.`);
  }
  const present = await presentPackages(installer, run, signal);
  const folder = await mkdtemp(path.join(tmpdir(), "tunesmith-"));
  const forget = () => rm(folder, { recursive: true, force: true });
  try {
    const file = path.join(folder, "constraints.txt");
    await writeFile(file, constraints(present));
    for (const command of [
      [...installer.install, "--constraint", file, REQUIREMENT],
      [...installer.install, REQUIREMENT],
    ]) {
      const planned = await dryRun(command, installer, present, run, signal);
      if (typeof planned !== "string") return { changes: planned, command, forget };
      if (!command.includes(file)) throw new InstallError(planned);
    }
    throw new Error("unreachable");
  } catch (error) {
    await forget();
    throw error;
  }
}

/** Rejects with `InstallError`. */
export async function install(plan: Plan, run: Run, signal: AbortSignal, log: (text: string) => void): Promise<void> {
  const [program = "", ...args] = plan.command;
  const ended = await run(program, args, { signal, onStderr: log });
  log(ended.stdout);
  if (signal.aborted) throw new InstallError("The installation was stopped.");
  if (ended.code !== 0) throw new InstallError(reasonOf(ended.stderr));
}

/** `name==version` of what is there; tunesmith itself may be updated, and editable packages have no version to ask for. */
export function constraints(present: readonly Package[]): string {
  return present
    .filter((one) => normal(one.name) !== PACKAGE && one.editable_project_location === undefined)
    .map((one) => `${one.name}==${one.version}\n`)
    .join("");
}

/** pip's `--report`. */
export function readReport(stdout: string): { name: string; to: string }[] {
  const report = JSON.parse(stdout) as { install: { metadata: { name: string; version: string } }[] };
  return report.install.map(({ metadata }) => ({ name: metadata.name, to: metadata.version }));
}

/** uv's lines ` + name==version`. */
export function readUvLines(text: string): { name: string; to: string }[] {
  return [...text.matchAll(/^ \+ ([^=\s]+)==(\S+)/gm)].map(([, name = "", to = ""]) => ({ name, to }));
}

/** The installer's own word for what went wrong. */
export function reasonOf(stderr: string): string {
  if (stderr.includes("externally-managed-environment")) {
    return "This Python belongs to the system, which does not want packages installed into it. Create a virtual environment and choose it.";
  }
  const lines = stderr
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
  const told = lines.filter((line) => /^(ERROR|error|×|╰─▶)/.test(line)).at(-1) ?? lines.at(-1);
  return told?.replace(/^(ERROR:|error:|×|╰─▶)\s*/, "") ?? "The installer ended without a word.";
}

async function presentPackages(installer: Installer, run: Run, signal: AbortSignal): Promise<Package[]> {
  const [program = "", ...args] = installer.list;
  const { code, stdout, stderr } = await run(program, args, { signal });
  if (code !== 0) throw new InstallError(reasonOf(stderr));
  return JSON.parse(stdout) as Package[];
}

/** What would change, or why nothing can. */
async function dryRun(
  command: readonly string[],
  installer: Installer,
  present: readonly Package[],
  run: Run,
  signal: AbortSignal,
): Promise<Change[] | string> {
  const [program = "", ...args] = command;
  const { code, stdout, stderr } = await run(program, [...args, ...installer.dryRun], { signal });
  if (signal.aborted) throw new InstallError("The installation was stopped.");
  if (code !== 0) return reasonOf(stderr);
  const versions = new Map(present.map((one) => [normal(one.name), one.version]));
  return installer
    .read(stdout, stderr)
    .map(({ name, to }) => ({ name, from: versions.get(normal(name)) ?? null, to }))
    .filter(({ from, to }) => from !== to);
}

function pip(python: string): Installer {
  const pip = [python, "-P", "-m", "pip", "--disable-pip-version-check", "--no-input"];
  return {
    list: [...pip, "list", "--format=json"],
    install: [...pip, "install", "--quiet", "--upgrade"],
    dryRun: ["--dry-run", "--report", "-"],
    read: readReport,
  };
}

function ofUv(uv: string, python: string): Installer {
  return {
    list: [uv, "pip", "list", "--python", python, "--format=json"],
    install: [uv, "pip", "install", "--python", python, "--upgrade-package", PACKAGE],
    dryRun: ["--dry-run"],
    read: (stdout, stderr) => readUvLines(`${stdout}\n${stderr}`),
  };
}

function normal(name: string): string {
  return name.toLowerCase().replace(/[-_.]+/g, "-");
}
