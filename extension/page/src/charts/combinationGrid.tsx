// Instructions against demo sets: the fuller a square, the higher its score; empty where nothing was tried.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { SearchReport } from "../../../src/protocol.ts";
import { short, showCount } from "../data/numbers.ts";
import { combinationGrid, describeFactor, effectOf, type GridCell } from "../data/search.ts";
import { Frame } from "./frame.tsx";
import { usePointing } from "./pointing.ts";
import { Readout } from "./readout.tsx";

const CELL = 30;
const TOP = 30;
const LEFT = 150;

export function CombinationGrid({ search, share }: { search: SearchReport; share: boolean }): JSX.Element | null {
  const [rowFactor, setRow] = useState(0);
  const [columnFactor, setColumn] = useState(Math.min(1, search.factors.length - 1));
  const rows = search.factors[rowFactor];
  const columns = search.factors[columnFactor];
  if (!rows || !columns || rowFactor === columnFactor) return null;
  const grid = combinationGrid(search, rowFactor, columnFactor);
  const scale = (value: number) => short(share ? 100 * value : value);
  const name = (factor: typeof rows, level: number) => `${level} ${effectOf(search, factor, level)?.name ?? ""}`.trim();
  const choose = (label: string, value: number, set: (place: number) => void, other: number) => (
    <select aria-label={label} value={value} onChange={(event) => set(Number(event.currentTarget.value))}>
      {search.factors.map((factor, place) => (
        <option key={place} value={place} disabled={place === other}>
          {describeFactor(factor)}
        </option>
      ))}
    </select>
  );
  return (
    <Frame
      title="Combinations tried"
      note="The mean score of each combination, and how full its square. Empty squares were never tried."
      summary={`${grid.cells.length} of ${rows.levels * columns.levels} combinations were tried.`}
      height={TOP + grid.rows.length * CELL + 4}
      table={{
        columns: [
          { name: describeFactor(rows) },
          { name: describeFactor(columns) },
          { name: "score", show: scale },
          { name: "examples", show: showCount },
        ],
        rows: grid.cells.map((cell) => [name(rows, cell.row), name(columns, cell.column), cell.score, cell.n]),
      }}
      controls={
        search.factors.length > 2 && (
          <>
            {choose("rows", rowFactor, setRow, columnFactor)}
            {choose("columns", columnFactor, setColumn, rowFactor)}
          </>
        )
      }
    >
      {({ width, height }) => (
        <Squares
          cells={grid.cells}
          rows={grid.rows.map((level) => ({ level, name: name(rows, level) }))}
          columns={grid.columns.map((level) => ({ level, name: name(columns, level) }))}
          size={{ width, height }}
          scale={scale}
        />
      )}
    </Frame>
  );
}

interface Level {
  level: number;
  name: string;
}

interface SquaresProps {
  cells: GridCell[];
  rows: Level[];
  columns: Level[];
  size: { width: number; height: number };
  scale(value: number): string;
}

function Squares({ cells, rows, columns, size, scale }: SquaresProps): JSX.Element {
  const step = Math.min(90, (size.width - LEFT) / Math.max(1, columns.length));
  const rowAt = new Map(rows.map(({ level }, place) => [level, TOP + place * CELL]));
  const columnAt = new Map(columns.map(({ level }, place) => [level, LEFT + place * step]));
  const x = (cell: GridCell) => columnAt.get(cell.column) ?? 0;
  const y = (cell: GridCell) => rowAt.get(cell.row) ?? 0;
  const pointing = usePointing(cells, (cell) => ({ x: x(cell) + step / 2, y: y(cell) + CELL / 2 }));
  const letters = Math.floor(step / 6.6);
  const at = pointing.item;
  return (
    <>
      {columns.map((column, place) => (
        <text key={column.level} x={LEFT + (place + 0.5) * step} y={TOP - 10} text-anchor="middle">
          {letters >= 3 ? fit(column.name, letters) : column.level}
        </text>
      ))}
      {rows.map((row, place) => (
        <text key={row.level} x={0} y={TOP + (place + 0.5) * CELL} dominant-baseline="central">
          {fit(row.name, 22)}
        </text>
      ))}
      {cells.map((cell) => (
        <g key={`${cell.row} ${cell.column}`} class="tuned">
          <rect
            class="square"
            x={x(cell) + 1}
            y={y(cell) + 1}
            width={Math.max(1, step - 2)}
            height={CELL - 2}
            rx={4}
            fill-opacity={0.08 + 0.5 * Math.max(0, Math.min(1, cell.score))}
          />
          {step > 30 && (
            <text
              class="strong"
              x={x(cell) + step / 2}
              y={y(cell) + CELL / 2}
              text-anchor="middle"
              dominant-baseline="central"
            >
              {scale(cell.score)}
            </text>
          )}
        </g>
      ))}
      <rect class="sensor" data-live x={0} y={0} width={size.width} height={size.height} {...pointing.on} />
      {at && (
        <Readout
          at={{ x: x(at) + step / 2, y: y(at) }}
          size={size}
          lines={[
            `${rows.find((row) => row.level === at.row)?.name} with ${columns.find((column) => column.level === at.column)?.name}`,
            `${scale(at.score)} on ${showCount(at.n)} examples`,
          ]}
        />
      )}
    </>
  );
}

function fit(text: string, letters: number): string {
  return text.length > letters ? `${text.slice(0, Math.max(1, letters - 1))}…` : text;
}
