// A few words beside what is pointed at, inside the picture so that they are saved with nothing else.
import type { JSX } from "preact";
import type { Spot } from "./pointing.ts";
import type { Size } from "./frame.tsx";

const LETTER = 6.3;
const BOLD_LETTER = 6.8;
const LINE = 17;

export function Readout({ at, lines, size }: { at: Spot; lines: string[]; size: Size }): JSX.Element {
  const shown = lines.map((line) => (line.length > 60 ? `${line.slice(0, 59)}…` : line));
  const widths = shown.map((line, place) => line.length * (place === 0 ? BOLD_LETTER : LETTER));
  const width = Math.min(size.width - 8, Math.max(...widths) + 20);
  const height = shown.length * LINE + 12;
  const x = Math.max(4, Math.min(size.width - width - 4, at.x + 12));
  const y = at.y - height - 10 > 0 ? at.y - height - 10 : Math.min(size.height - height - 4, at.y + 14);
  return (
    <g class="readout" data-live pointer-events="none">
      <rect x={x} y={y} width={width} height={height} rx={6} />
      {shown.map((line, place) => (
        <text key={place} x={x + 10} y={y + 18 + place * LINE} class={place === 0 ? "first" : ""}>
          {line}
        </text>
      ))}
    </g>
  );
}
