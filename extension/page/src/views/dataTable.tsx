// A table of any length: a page of it at a time, sorted by any column.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { showCount } from "../data/numbers.ts";
import { showValue, sortRows, type Table } from "../data/table.ts";

const ROWS = 50;

interface DataTableProps {
  table: Table;
  caption: string;
  /** What a press on a row's first value does, with that value. */
  onChoose?(value: string): void;
}

export function DataTable({ table, caption, onChoose }: DataTableProps): JSX.Element {
  const [order, setOrder] = useState<{ column: number; descending: boolean } | null>(null);
  const [page, setPage] = useState(0);
  const rows = order ? sortRows(table.rows, order.column, order.descending) : table.rows;
  const pages = Math.max(1, Math.ceil(rows.length / ROWS));
  const at = Math.min(page, pages - 1);
  const shown = rows.slice(at * ROWS, (at + 1) * ROWS);
  const numeric = table.columns.map((_, place) => table.rows.some((row) => typeof row[place] === "number"));
  return (
    <>
      <div class="scroll" tabIndex={0} role="region" aria-label={caption}>
        <table>
          <caption class="visually-hidden">{caption}</caption>
          <thead>
            <tr>
              {table.columns.map((column, place) => (
                <th key={place} scope="col" class={numeric[place] ? "number" : ""} aria-sort={sortWord(order, place)}>
                  <button
                    type="button"
                    onClick={() => {
                      setOrder({
                        column: place,
                        descending: order?.column === place ? !order.descending : !!numeric[place],
                      });
                      setPage(0);
                    }}
                  >
                    {column.name}
                  </button>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {shown.map((row, place) => (
              <tr key={place}>
                {table.columns.map((column, number) => {
                  const text = showValue(row[number] ?? null, column);
                  return (
                    <td key={number} class={numeric[number] ? "number" : "text"}>
                      {number === 0 && onChoose ? (
                        <button type="button" class="link" onClick={() => onChoose(text)}>
                          {text}
                        </button>
                      ) : (
                        clip(text)
                      )}
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {pages > 1 && (
        <nav class="pages" aria-label={`pages of ${caption}`} data-live>
          <button type="button" class="quiet" disabled={at === 0} onClick={() => setPage(at - 1)}>
            Previous
          </button>
          <span>
            {showCount(at * ROWS + 1)}–{showCount(at * ROWS + shown.length)} of {showCount(rows.length)}
          </span>
          <button type="button" class="quiet" disabled={at === pages - 1} onClick={() => setPage(at + 1)}>
            Next
          </button>
        </nav>
      )}
    </>
  );
}

function sortWord(
  order: { column: number; descending: boolean } | null,
  place: number,
): "ascending" | "descending" | "none" {
  if (order?.column !== place) return "none";
  return order.descending ? "descending" : "ascending";
}

/** A cell is for a glance; whoever wants a long text whole finds it in its own section. */
function clip(text: string): string {
  return text.length > 240 ? `${text.slice(0, 239)}…` : text;
}
