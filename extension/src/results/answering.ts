// The page's questions reach a `tunesmith ui` of its folder, started with the first one and again where it ended.

import type { Ask } from "../../page/embed/listener.ts";
import { ResultsServerGone, type ResultsServer } from "../../page/embed/resultsServer.ts";

export interface Answering {
  ask: Ask;
  stop(): void;
}

const ATTEMPTS = 2;

/** `start` rejects where nothing can answer, and so does `ask` then; the next question tries again. */
export function answering(start: () => Promise<ResultsServer>): Answering {
  let server: Promise<ResultsServer> | undefined;
  let stopped = false;

  async function ask(method: string, params: unknown, attempt = 1): Promise<unknown> {
    if (stopped) throw new ResultsServerGone("The page was closed.");
    const current = (server ??= start());
    const forget = (): void => {
      if (server === current) server = undefined;
    };
    current.catch(forget);
    try {
      return await (await current).ask(method, params);
    } catch (error) {
      if (!(error instanceof ResultsServerGone)) throw error;
      forget();
      if (attempt === ATTEMPTS) throw error;
      return ask(method, params, attempt + 1);
    }
  }

  return {
    ask,
    stop: () => {
      stopped = true;
      server?.then((started) => started.stop()).catch(() => undefined);
    },
  };
}
