// The numbers behind a picture: shown as a table, saved as CSV.

export type Value = string | number | null;

export interface Column {
  name: string;
  /** How its numbers are shown; CSV has them as they are. */
  show?: (value: number) => string;
}

export interface Table {
  columns: Column[];
  rows: Value[][];
}

/** RFC 4180. Text that a spreadsheet would take for a formula gets a quote before it. */
export function asCsv(table: Table): string {
  const lines = [table.columns.map((column) => column.name), ...table.rows];
  return `${lines.map((line) => line.map(csvValue).join(",")).join("\r\n")}\r\n`;
}

function csvValue(value: Value): string {
  if (value === null) return "";
  if (typeof value === "number") return Number.isFinite(value) ? String(value) : "";
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

export function showValue(value: Value, column: Column): string {
  if (value === null) return "";
  return typeof value === "number" ? (column.show ?? String)(value) : value;
}

/** Numbers before text, both ascending, what is missing last whatever the direction. */
export function sortRows(rows: readonly Value[][], column: number, descending: boolean): Value[][] {
  const sign = descending ? -1 : 1;
  return rows.toSorted((left, right) => {
    const [a, b] = [left[column] ?? null, right[column] ?? null];
    if (a === null || b === null) return Number(a === null) - Number(b === null);
    if (typeof a === "number" && typeof b === "number") return sign * (a - b);
    return sign * String(a).localeCompare(String(b), "en", { numeric: true });
  });
}
