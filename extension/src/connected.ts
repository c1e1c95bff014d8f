// The server's connection, for commands that cannot do without.

import type { Connection } from "./connection.ts";
import type { Session } from "./session.ts";
import { showStatus } from "./showStatus.ts";

/** Starts the server where that was not done; without one, its problem is shown. */
export async function connected(session: Session): Promise<Connection | undefined> {
  await session.server.start();
  const { connection } = session.server;
  if (connection === undefined) await showStatus(session);
  return connection;
}
