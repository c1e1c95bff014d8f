// Running a program to its end, its output as text.

import { spawn } from "node:child_process";
import { homedir } from "node:os";

export interface Ended {
  /** null: it could not be started, or was stopped. */
  code: number | null;
  stdout: string;
  stderr: string;
}

export interface RunOptions {
  /** Ends the program. */
  signal?: AbortSignal;
  timeoutMs?: number;
  onStderr?: (text: string) => void;
}

export type Run = (command: string, args: readonly string[], options?: RunOptions) => Promise<Ended>;

/** Never rejects. The folder is the user's home: a workspace's files must not shadow Python's modules. */
export const run: Run = (command, args, options = {}) =>
  new Promise((resolve) => {
    const signals = [options.signal, options.timeoutMs ? AbortSignal.timeout(options.timeoutMs) : undefined];
    const signal = AbortSignal.any(signals.filter((one) => one !== undefined));
    const child = spawn(command, args, { cwd: homedir(), signal, stdio: ["ignore", "pipe", "pipe"] });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
      options.onStderr?.(text);
    });
    child.on("error", (error) => resolve({ code: null, stdout, stderr: stderr || error.message }));
    child.on("close", (code) => resolve({ code, stdout, stderr }));
  });
