// Where the page lives: a VS Code webview, or a browser that `tunesmith ui` serves. Everything else asks through this.
import type { Methods } from "../../src/protocol.ts";

/** What the page may ask. */
export type Method = Extract<keyof Methods, `results/${string}`>;
export type Params<M extends Method> = Methods[M]["params"];
export type Result<M extends Method> = Methods[M]["result"];

/** What a host tells the page without being asked. */
export type HostEvent = { kind: "open"; run: string } | { kind: "compare"; runs: [string, string] };

/** What a webview is restored from: its workspace folder, and the view it showed as `model/route.ts` writes it. */
export interface Remembered {
  root: string;
  route: string;
}

export interface Host {
  kind: "browser" | "webview";
  /** Throws `HostError`. */
  request<M extends Method>(method: M, params: Params<M>): Promise<Result<M>>;
  /** Returns what ends the listening. */
  onEvent(listener: (event: HostEvent) => void): () => void;
  /** Hand a file to the user. */
  save(name: string, content: Blob): Promise<void>;
  /** The view shown now, as `model/route.ts` writes it. */
  remember(route: string): void;
}

export class HostError extends Error {
  /** Nothing will be answered any more: the server or the session is gone. */
  readonly gone: boolean;

  constructor(message: string, gone: boolean) {
    super(message);
    this.gone = gone;
  }
}
