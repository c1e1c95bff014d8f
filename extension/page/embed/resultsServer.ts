// `tunesmith ui` as a child that answers the page: read-only, over HTTP on loopback.
import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { Ask } from "./listener.ts";

export interface ResultsServer {
  ask: Ask;
  stop(): void;
}

export class ResultsServerGone extends Error {
  readonly gone = true;
}

/**
 * Start it for one workspace folder. `command`: the `tunesmith` command with what stands before the verb.
 *
 * The child ends with this process, whose end closes its standard input. Rejects with `ResultsServerGone` where it
 * could not start, with the last it said.
 */
export async function startResultsServer(
  command: readonly [string, ...string[]],
  root: string,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<ResultsServer> {
  const [program, ...before] = command;
  const words = [...before, "ui", "--root", root, "--no-browser", "--json", "--until-stdin-ends"];
  const child = spawn(program, words, { env: environment, stdio: ["pipe", "pipe", "pipe"] });
  const link = new URL(await readLink(child));
  const token = new URLSearchParams(link.hash.slice(1)).get("token");
  const { session } = (await post(link, "session", { token }, "")) as { session: string };
  return { ask: (method, params) => post(link, method, params, session), stop: () => child.kill() };
}

async function readLink(child: ChildProcess): Promise<string> {
  const complaints: string[] = [];
  child.stderr?.on("data", (chunk: Buffer) => complaints.push(chunk.toString()));
  const failed = new Promise<never>((_, reject) => {
    const why = (reason: string) => reject(new ResultsServerGone(complaints.join("").trim() || reason));
    child.once("error", (error) => why(error.message));
    child.once("close", (code) => why(`The page's server ended with ${code}.`));
  });
  failed.catch(() => {});
  const first = new Promise<string>((resolve) => createInterface({ input: child.stdout! }).once("line", resolve));
  const said = JSON.parse(await Promise.race([first, failed])) as { link?: string; error?: { message: string } };
  if (said.link === undefined) throw new ResultsServerGone(said.error?.message ?? "The page's server did not start.");
  return said.link;
}

async function post(server: URL, method: string, params: unknown, session: string): Promise<unknown> {
  // Its path alone: whatever the method says, the session goes nowhere else.
  const address = new URL(server.origin);
  address.pathname = method;
  let response: Response;
  try {
    response = await fetch(address, {
      method: "POST",
      headers: { "Content-Type": "application/json", Authorization: `Bearer ${session}` },
      body: JSON.stringify(params),
    });
  } catch {
    throw new ResultsServerGone("The page's server has ended.");
  }
  const answer = (await response.json()) as { message?: string; next_step?: string | null };
  if (!response.ok) throw new Error([answer.message, answer.next_step].filter(Boolean).join(" "));
  return answer;
}
