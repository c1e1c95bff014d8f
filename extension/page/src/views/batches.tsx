// The batches of a search, one by one: who was measured, and why.
import type { JSX } from "preact";
import { type Batch, describeArms } from "../data/batches.ts";
import { showCount } from "../data/numbers.ts";
import { DataTable } from "./dataTable.tsx";

/** Nothing for a run that does not say. */
export function Batches({ batches }: { batches: Batch[] }): JSX.Element | null {
  const telling = batches.filter((batch) => batch.arms.length > 0);
  if (telling.length === 0) return null;
  const table = {
    columns: [
      { name: "batch" },
      { name: "program calls", show: showCount },
      { name: "measured, and why" },
      { name: "leader after it" },
    ],
    rows: telling.map((batch) => [batch.batch, batch.rollouts, describeArms(batch), batch.leader]),
  };
  return (
    <details class="card">
      <summary>Batch by batch: who was measured, and why</summary>
      <DataTable table={table} caption="Batch by batch" />
    </details>
  );
}
