// Simulated runs, `tunesmith ui` on them, and a browser that looks.
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Browser, BrowserContext, Page } from "playwright-core";

const repository = join(import.meta.dirname, "../..");
const require = createRequire(join(repository, "extension/page/package.json"));
const { chromium } = require("playwright-core") as typeof import("playwright-core");
export const axeSource: string = require("axe-core").source;
export const ARTIFACTS = join(import.meta.dirname, "artifacts");
export const UI = join(repository, "server/tunesmith/server/ui");

const BIN = join(repository, ".venv/bin");
export const TUNESMITH = join(BIN, "tunesmith");
const ARGUMENTS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export interface Served {
  root: string;
  /** Works once. */
  link: string;
  stop(): void;
}

export interface Lines {
  process: ChildProcess;
  next(): Promise<string>;
}

export function leaveRuns(): string {
  const root = mkdtempSync(join(tmpdir(), "tunesmith-page-"));
  execFileSync(join(BIN, "python"), ["-m", "support.page_runs", root], { env: environment(root) });
  return root;
}

export async function serve(root: string): Promise<Served> {
  const { process, next } = start(TUNESMITH, ["ui", "--root", root, "--no-browser", "--json"], root);
  const { link } = JSON.parse(await next()) as { link: string };
  return { root, link, stop: () => process.kill() };
}

export function startLiveRun(root: string, id: string): Lines {
  return start(join(BIN, "python"), [join(import.meta.dirname, "live_run.py"), root, id], root);
}

function start(command: string, words: string[], root: string): Lines {
  const process = spawn(command, words, { env: environment(root), stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface({ input: process.stdout })[Symbol.asyncIterator]();
  return {
    process,
    async next() {
      const line = await lines.next();
      if (line.done) throw new Error(`${command} ${words.join(" ")} ended early`);
      return line.value;
    },
  };
}

export function environment(root: string): NodeJS.ProcessEnv {
  return { ...process.env, TUNESMITH_STATE: join(root, "state"), PYTHONPATH: join(repository, "tests") };
}

export async function openBrowser(): Promise<Browser> {
  mkdirSync(ARTIFACTS, { recursive: true });
  return chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ARGUMENTS });
}

/** A tab, and everything it complained of. */
export async function openPage(
  browser: Browser,
): Promise<{ page: Page; context: BrowserContext; complaints: string[] }> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, acceptDownloads: true });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") complaints.push(message.text());
  });
  return { page, context, complaints };
}

export function remove(root: string): void {
  rmSync(root, { recursive: true, force: true });
}
