import type { JSX } from "preact";
import type { RunSummary, Gain } from "../../../src/protocol.ts";

export function Status({ status }: { status: RunSummary["status"] }): JSX.Element {
  return <span class={`badge status-${status.replace(" ", "-")}`}>{status}</span>;
}

export function VerdictBadge({ verdict }: { verdict: Gain["verdict"] }): JSX.Element {
  return <span class={`badge verdict-${verdict.replace(" ", "-")}`}>{verdict}</span>;
}
