// Which combinations got calls, and when: a line a candidate, a mark a call, as strong as its score.
import { scaleLinear } from "d3-scale";
import type { JSX } from "preact";
import { type Batch, batchAt, describeReasons, reasonIn } from "../data/batches.ts";
import type { CellLog, Tally } from "../data/cells.ts";
import { showCount, showScore } from "../data/numbers.ts";
import { raster, type RasterMark, type RasterRow } from "../data/raster.ts";
import { Frame } from "./frame.tsx";
import { usePointing } from "./pointing.ts";
import { Readout } from "./readout.tsx";

interface RasterProps {
  cells: CellLog;
  tallies: Tally[];
  names: Map<string, string>;
  batches: Batch[];
  selected: string | null;
  onSelect(candidate: string): void;
}

const ROW = 17;
const TOP = 8;
const BOTTOM = 32;
const MOST_ROWS = 36;
const COLUMNS = 400;
const MOST_BATCHES = 60;
const LETTER = 6.6;
const LETTERS = 22;

export function SearchRaster(props: RasterProps): JSX.Element {
  const { cells, tallies, batches } = props;
  const rows = raster(cells, tallies, MOST_ROWS, COLUMNS);
  const left = tallies.length - rows.length;
  const reasons = describeReasons(batches);
  return (
    <Frame
      title="Which candidates got calls, and when"
      note={`Each mark is a program call: the fuller, the higher its score; orange where the answer could not be read.${reasons.size > 0 ? " Its numbers say why each got its calls." : ""}${left > 0 ? ` The ${rows.length} with the most calls; ${showCount(left)} more are in the numbers above.` : ""}`}
      summary={`${rows.length} candidates over ${showCount(cells.candidate.length)} program calls.`}
      height={TOP + rows.length * ROW + BOTTOM}
      table={{
        columns: [
          { name: "candidate" },
          { name: "calls", show: showCount },
          { name: "first call", show: showCount },
          { name: "last call", show: showCount },
          ...(reasons.size > 0 ? [{ name: "why (examples)" }] : []),
        ],
        rows: rows.map((row) => {
          const one = tallies.find((tally) => tally.id === row.id);
          const why = reasons.size > 0 ? [reasons.get(row.id) ?? null] : [];
          return [row.id, row.n, one?.first ?? null, one?.last ?? null, ...why];
        }),
      }}
      keys={[
        { name: "right", color: "tuned", mark: "dot" },
        { name: "could not be read", color: "belief", mark: "dot" },
        { name: "a batch closes", color: "candidate", mark: "dash" },
      ]}
    >
      {({ width, height }) => <Rows {...props} rows={rows} width={width} height={height} />}
    </Frame>
  );
}

function Rows(props: RasterProps & { rows: RasterRow[]; width: number; height: number }): JSX.Element {
  const { rows, width, height, cells, names, batches, selected, onSelect } = props;
  const left = LETTER * Math.min(LETTERS, Math.max(...rows.map((row) => row.id.length))) + 14;
  const x = scaleLinear()
    .domain([0, Math.max(1, cells.candidate.length)])
    .range([left, width - 8]);
  const marks = rows.flatMap((row, place) => row.marks.map((mark) => ({ row, mark, y: TOP + (place + 0.5) * ROW })));
  const pointing = usePointing(
    marks,
    ({ mark, y }) => ({ x: x(mark.calls), y }),
    ({ row }) => onSelect(row.id),
  );
  const half = Math.max(1.2, Math.min(4, (width - left) / Math.max(1, cells.candidate.length) / 2.4));
  return (
    <>
      {batches.length <= MOST_BATCHES &&
        batches
          .filter((batch) => batch.rollouts <= cells.candidate.length)
          .map((batch) => (
            <line
              key={batch.batch}
              class="grid"
              x1={x(batch.rollouts)}
              x2={x(batch.rollouts)}
              y1={TOP}
              y2={height - BOTTOM}
            />
          ))}
      {rows.map((row, place) => (
        <text
          key={row.id}
          class={row.id === selected ? "strong" : ""}
          x={0}
          y={TOP + (place + 0.5) * ROW}
          dominant-baseline="central"
        >
          {row.id.length > LETTERS ? `${row.id.slice(0, LETTERS - 1)}…` : row.id}
        </text>
      ))}
      {marks.map(({ mark, y }, place) => (
        <rect
          key={place}
          class={`tick ${mark.unparsed > mark.n / 2 ? "belief" : "tuned"}`}
          x={x(mark.calls) - half}
          width={2 * half}
          y={y - 6}
          height={12}
          rx={1}
          fill-opacity={strength(mark)}
        />
      ))}
      {x.ticks(Math.max(2, Math.floor(width / 120))).map((tick) => (
        <text key={tick} x={x(tick)} y={height - BOTTOM + 16} text-anchor="middle">
          {showCount(tick)}
        </text>
      ))}
      <text x={width - 8} y={height - 2} text-anchor="end">
        program calls
      </text>
      <rect class="sensor" data-live x={0} y={0} width={width} height={height} {...pointing.on} />
      {pointing.item && (
        <Readout
          at={{ x: x(pointing.item.mark.calls), y: pointing.item.y }}
          size={{ width, height }}
          lines={[
            names.get(pointing.item.row.id) ?? pointing.item.row.id,
            ...describeMark(pointing.item.mark, pointing.item.row.id, batches),
          ]}
        />
      )}
    </>
  );
}

function strength(mark: RasterMark): number {
  return mark.unparsed > mark.n / 2 ? 0.8 : 0.16 + 0.84 * Math.max(0, Math.min(1, mark.score));
}

function describeMark(mark: RasterMark, candidate: string, batches: readonly Batch[]): string[] {
  const batch = batchAt(batches, candidate, mark.calls);
  const why = reasonIn(batch, candidate);
  const what = mark.n === 1 ? `call ${showCount(mark.calls)}` : `${mark.n} calls around ${showCount(mark.calls)}`;
  const line = `${what}, score ${showScore(mark.score, true)}${batch ? `, batch ${batch.batch}` : ""}`;
  return why ? [line, `why: ${why}`] : [line];
}
