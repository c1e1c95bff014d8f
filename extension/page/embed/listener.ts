// The editor's end of the page's messages; `src/webviewHost.ts` is the page's.

/** Answers a method of the page. Throws what the page should show; `gone`: nothing will be answered any more. */
export type Ask = (method: string, params: unknown) => Promise<unknown>;

interface PageMessage {
  kind: "request" | "save";
  id: number;
  method: string;
  params: unknown;
  name: string;
  base64: string;
}

/** What to do with each message of the page. `save`: the user wants to keep a file. */
export function pageListener(
  post: (message: unknown) => unknown,
  ask: Ask,
  save: (name: string, content: Uint8Array) => unknown,
): (message: PageMessage) => Promise<void> {
  return async (message) => {
    if (message.kind === "save") {
      await save(message.name, Buffer.from(message.base64, "base64"));
      return;
    }
    const { id, method, params } = message;
    try {
      post({ kind: "answer", id, result: await ask(method, params) });
    } catch (error) {
      const gone = error instanceof Error && "gone" in error && error.gone === true;
      post({ kind: "failure", id, message: error instanceof Error ? error.message : String(error), gone });
    }
  };
}
