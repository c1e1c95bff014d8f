// The page in a VS Code webview: questions are messages to the extension, answered by number.
//
// to the extension   { kind: "request", id, method, params } · { kind: "save", name, base64 }
// from the extension { kind: "answer", id, result } · { kind: "failure", id, message, gone } · any `HostEvent`
import { type Host, HostError, type HostEvent, type Remembered } from "./host.ts";

export interface WebviewApi {
  postMessage(message: unknown): void;
  setState(state: Remembered): void;
}

type Incoming =
  | { kind: "answer"; id: number; result: unknown }
  | { kind: "failure"; id: number; message: string; gone?: boolean }
  | HostEvent;

interface Waiting {
  resolve(result: unknown): void;
  reject(error: HostError): void;
}

/** `root`: the workspace folder whose runs are shown. */
export function webviewHost(api: WebviewApi, root: string): Host {
  const waiting = new Map<number, Waiting>();
  const listeners = new Set<(event: HostEvent) => void>();
  let last = 0;
  window.addEventListener("message", ({ data }: MessageEvent<Incoming>) => {
    if (data.kind === "answer") {
      settle(data.id)?.resolve(data.result);
    } else if (data.kind === "failure") {
      settle(data.id)?.reject(new HostError(data.message, data.gone ?? false));
    } else if (data.kind === "open" || data.kind === "compare") {
      for (const listener of listeners) listener(data);
    }
  });

  function settle(id: number): Waiting | undefined {
    const found = waiting.get(id);
    waiting.delete(id);
    return found;
  }

  return {
    kind: "webview",
    request(method, params) {
      const id = ++last;
      return new Promise((resolve, reject) => {
        waiting.set(id, { resolve: resolve, reject });
        api.postMessage({ kind: "request", id, method, params });
      });
    },
    onEvent(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async save(name, content) {
      api.postMessage({ kind: "save", name, base64: await asBase64(content) });
    },
    remember: (route) => api.setState({ root, route }),
  };
}

async function asBase64(content: Blob): Promise<string> {
  const bytes = new Uint8Array(await content.arrayBuffer());
  const parts: string[] = [];
  for (let at = 0; at < bytes.length; at += 0x8000) {
    parts.push(String.fromCharCode(...bytes.subarray(at, at + 0x8000)));
  }
  return btoa(parts.join(""));
}
