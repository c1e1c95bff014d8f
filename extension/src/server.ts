// The language server's life in one window: start, restart, wait and try again. One thing at a time.

import { isDeepStrictEqual } from "node:util";
import { FAILED_STARTS, HEALTHY_MS, waitAfter } from "./backoff.ts";
import type { Connection } from "./connection.ts";
import type { Launch } from "./launch.ts";
import { otherProtocol, wouldNotStart, type Problem } from "./problems.ts";
import { PROTOCOL_VERSION, type DaemonStatus } from "./protocol.ts";

export type ServerState =
  | { kind: "idle" }
  | { kind: "starting" }
  | { kind: "running"; launch: Launch; daemon: DaemonStatus; connection: Connection }
  /** It ended, and is started again in a moment. */
  | { kind: "waiting"; reason: string }
  | { kind: "stopped"; problem: Problem };

export interface ServerOptions {
  find: () => Promise<Launch | Problem>;
  connect: (launch: Launch, onClosed: (reason: string) => void) => Promise<Connection>;
  /** Told of every change. */
  onState: (state: ServerState, before: ServerState) => void;
}

export class Server {
  readonly #options: ServerOptions;
  #state: ServerState = { kind: "idle" };
  #launch: Launch | undefined;
  #connection: Connection | undefined;
  #work: Promise<void> = Promise.resolve();
  #asked = false;
  #timer: NodeJS.Timeout | undefined;
  /** How often it ended in a row. */
  #ends = 0;
  #servesSince = 0;

  constructor(options: ServerOptions) {
    this.#options = options;
  }

  get state(): ServerState {
    return this.#state;
  }

  /** The connection, where there is one. */
  get connection(): Connection | undefined {
    return this.#state.kind === "running" ? this.#state.connection : undefined;
  }

  /** The command last used. */
  get launch(): Launch | undefined {
    return this.#launch;
  }

  /** Start it, unless that was done before. */
  async start(): Promise<void> {
    await (this.#state.kind === "idle" ? this.restart() : this.#work);
  }

  /** Start it anew. Several causes at once make one restart. */
  async restart(): Promise<void> {
    this.#ends = 0;
    await this.#begin();
  }

  /** Start it anew where another command would serve now. Python extensions tell of changes that change nothing. */
  async restartIfMoved(): Promise<void> {
    if (this.#state.kind === "idle") return;
    if (this.#state.kind === "running") {
      const found = await this.#options.find();
      if ("args" in found && isDeepStrictEqual(found, this.#launch)) return;
    }
    await this.restart();
  }

  /** End it, and say why. */
  async stop(problem: Problem): Promise<void> {
    await this.#serialise(async () => {
      await this.#disconnect();
      this.#set({ kind: "stopped", problem });
    });
  }

  async dispose(): Promise<void> {
    await this.#serialise(() => this.#disconnect());
  }

  #begin(): Promise<void> {
    if (this.#asked) return this.#work;
    this.#asked = true;
    return this.#serialise(async () => {
      this.#asked = false;
      await this.#disconnect();
      this.#set({ kind: "starting" });
      this.#set(await this.#next());
    });
  }

  async #next(): Promise<ServerState> {
    const found = await this.#options.find();
    if ("mends" in found) return { kind: "stopped", problem: found };
    this.#launch = found;
    try {
      const connection = await this.#options.connect(found, (reason) => this.#closed(connection, reason));
      this.#connection = connection;
      const daemon = await connection.request("tunesmith/status", {});
      if (daemon.protocol !== PROTOCOL_VERSION) {
        await this.#disconnect();
        const problem = otherProtocol(PROTOCOL_VERSION, daemon.protocol, daemon.version, found.command);
        return { kind: "stopped", problem };
      }
      this.#servesSince = Date.now();
      return { kind: "running", launch: found, daemon, connection };
    } catch (error) {
      await this.#disconnect();
      const reason = error instanceof Error ? error.message : String(error);
      if (this.#ends + 1 >= FAILED_STARTS) return { kind: "stopped", problem: wouldNotStart(reason) };
      return this.#waitAndTry(reason);
    }
  }

  #closed(connection: Connection, reason: string): void {
    if (connection !== this.#connection || this.#state.kind !== "running") return;
    this.#connection = undefined;
    if (Date.now() - this.#servesSince >= HEALTHY_MS) this.#ends = 0;
    this.#set(this.#waitAndTry(reason));
  }

  #waitAndTry(reason: string): ServerState {
    this.#ends += 1;
    this.#timer = setTimeout(() => void this.#begin(), waitAfter(this.#ends));
    return { kind: "waiting", reason };
  }

  async #disconnect(): Promise<void> {
    clearTimeout(this.#timer);
    const connection = this.#connection;
    this.#connection = undefined;
    // One that has ended already may refuse to be stopped.
    await connection?.stop().catch(() => undefined);
  }

  #serialise(work: () => Promise<void>): Promise<void> {
    this.#work = this.#work.then(work, work);
    return this.#work;
  }

  #set(state: ServerState): void {
    const before = this.#state;
    this.#state = state;
    this.#options.onState(state, before);
  }
}
