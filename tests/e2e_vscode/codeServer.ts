// A VS Code of its own: code-server with a fresh profile, the packed extension, a copy of the example, a daemon apart.

import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import * as path from "node:path";

const HERE = import.meta.dirname;
const ROOT = path.resolve(HERE, "../..");
const ENTRY = path.join(HERE, "node_modules/code-server/out/node/entry.js");
const VSIX = path.join(ROOT, "extension/dist/tunesmith.vsix");
const EXAMPLE = path.join(ROOT, "server/tunesmith/server/demo/workspace");
export const PYTHON = path.join(ROOT, ".venv/bin/python");
export const ARTIFACTS = path.join(HERE, "artifacts");

export interface CodeServer {
  url: string;
  /** A folder for whatever else a test needs. */
  home: string;
  /** The example's copy. */
  workspace: string;
  /** A folder with a Python file that knows no DSPy. */
  plain: string;
  /** Where a daemon's socket would be. */
  runtime: string;
  stop: () => void;
}

/** `trust`: whether VS Code asks for it. */
export async function startCodeServer({ trust }: { trust: boolean }): Promise<CodeServer> {
  // Short, because the daemon's socket lies in there.
  const home = mkdtempSync(path.join(tmpdir(), "ts-"));
  const folders = { user: path.join(home, "user"), extensions: path.join(home, "extensions") };
  const workspace = path.join(home, "bike-desk");
  const plain = path.join(home, "plain");
  copyExample(workspace);
  mkdirSync(plain);
  writeFileSync(path.join(plain, "plain.py"), "print('no framework here')\n");
  writeSettings(folders.user);
  mkdirSync(ARTIFACTS, { recursive: true });

  const runtime = path.join(home, "r");
  mkdirSync(runtime, { mode: 0o700 });
  const environment: NodeJS.ProcessEnv = {
    ...process.env,
    // No tunesmith on it: what serves a window is the Python of its settings.
    PATH: "/usr/bin:/bin",
    TUNESMITH_RUNTIME: runtime,
    TUNESMITH_STATE: path.join(home, "state"),
    TUNESMITH_CACHE: path.join(home, "cache"),
    // Answers of an earlier run can be kept while this test is worked on.
    DSPY_CACHEDIR: process.env["DSPY_CACHEDIR"] ?? path.join(home, "dspy-cache"),
    OMP_NUM_THREADS: "1",
  };
  const places = ["--user-data-dir", folders.user, "--extensions-dir", folders.extensions];
  const installed = spawnSync(process.execPath, [ENTRY, ...places, "--install-extension", VSIX], { env: environment });
  if (installed.status !== 0)
    throw new Error(`the extension was not installed: ${installed.stderr}${installed.stdout}`);

  const port = await freePort();
  const output = openSync(path.join(ARTIFACTS, `code-server${trust ? "-trust" : ""}.log`), "w");
  const options = [
    "--auth",
    "none",
    "--bind-addr",
    `127.0.0.1:${port}`,
    "--disable-telemetry",
    "--disable-update-check",
  ];
  const trusting = trust ? [] : ["--disable-workspace-trust"];
  const server = spawn(process.execPath, [ENTRY, ...places, ...options, ...trusting], {
    env: environment,
    stdio: ["ignore", output, output],
    detached: true,
  });
  const url = `http://127.0.0.1:${port}`;
  await answering(url, server);
  const stopOnce = once(() => stop(server, environment, home));
  process.on("exit", stopOnce);
  process.on("SIGINT", () => process.exit(130));
  return { url, home, workspace, plain, runtime, stop: stopOnce };
}

/** With fewer examples than the bundled one: two cores answer about one call a second. */
export function copyExample(workspace: string): void {
  const skip = new Set(["__pycache__", ".tunesmith", "compiled"]);
  cpSync(EXAMPLE, workspace, { recursive: true, filter: (source) => !skip.has(path.basename(source)) });
  keepRows(workspace, "train", 0, 10);
  keepRows(workspace, "held_out", 0, 8);
}

/** Of the bundled messages, these. Others than before are not answered from a cache. */
export function keepRows(workspace: string, name: "train" | "held_out", from: number, to: number): void {
  const rows = readFileSync(path.join(EXAMPLE, "data", `${name}.jsonl`), "utf8").split("\n");
  writeFileSync(path.join(workspace, "data", `${name}.jsonl`), `${rows.slice(from, to).join("\n")}\n`);
}

function once(act: () => void): () => void {
  let done = false;
  return () => {
    if (!done) act();
    done = true;
  };
}

function writeSettings(user: string): void {
  const settings = {
    "workbench.reduceMotion": "on",
    "workbench.editor.useModal": "off",
    "workbench.startupEditor": "none",
    "security.workspace.trust.startupPrompt": "never",
    "workbench.secondarySideBar.defaultVisibility": "hidden",
    "remote.autoForwardPorts": false,
    "chat.disableAIFeatures": true,
    "editor.accessibilitySupport": "off",
    "files.simpleDialog.enable": true,
  };
  mkdirSync(path.join(user, "User"), { recursive: true });
  writeFileSync(path.join(user, "User/settings.json"), JSON.stringify(settings));
  // To VS Code this is a remote window, where settings of the machine stand apart.
  mkdirSync(path.join(user, "Machine"));
  writeFileSync(path.join(user, "Machine/settings.json"), JSON.stringify({ "tunesmith.interpreter": PYTHON }));
}

/** Also where the test is interrupted: nothing must be left running. */
function stop(server: ChildProcess, environment: NodeJS.ProcessEnv, home: string): void {
  // The whole group: extension hosts are its children.
  if (server.exitCode === null && server.pid !== undefined) process.kill(-server.pid, "SIGTERM");
  spawnSync(PYTHON, ["-P", "-c", "from tunesmith.server.client import control; control.stop_daemon()"], {
    env: environment,
  });
  rmSync(home, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
}

async function answering(url: string, server: ChildProcess): Promise<void> {
  for (let attempt = 0; attempt < 300; attempt += 1) {
    if (server.exitCode !== null) throw new Error("code-server ended before it answered");
    const answer = await fetch(`${url}/healthz`).catch(() => undefined);
    if (answer?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error("code-server did not answer within a minute");
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() =>
        typeof address === "object" && address ? resolve(address.port) : reject(new Error("no port")),
      );
    });
  });
}
