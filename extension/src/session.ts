// What one window holds, for whoever needs one of it. `openSession.ts` makes it.

import type { LogOutputChannel } from "vscode";
import type { Overview } from "./overview.ts";
import type { Pythons } from "./python.ts";
import type { ResultsPanels } from "./results/panels.ts";
import type { Server } from "./server.ts";

export interface Session {
  log: LogOutputChannel;
  server: Server;
  overview: Overview;
  pythons: Pythons;
  results: ResultsPanels;
}
