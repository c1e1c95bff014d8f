import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { LogLine } from "../data/events.ts";
import { showTime } from "../data/numbers.ts";
import { Part } from "./part.tsx";

const SHOWN = 200;

/** What happened, the newest first. */
export function Log({ lines }: { lines: LogLine[] }): JSX.Element {
  const [printed, setPrinted] = useState(false);
  const wanted = lines.filter((line) => printed || line.kind !== "printed");
  const hasPrinted = lines.some((line) => line.kind === "printed");
  return (
    <Part id="log" title="Log">
      <div class="card stack">
        {hasPrinted && (
          <label class="note" data-live>
            <input type="checkbox" checked={printed} onChange={() => setPrinted(!printed)} /> with what the program
            printed
          </label>
        )}
        <ol class="log">
          {wanted
            .slice(-SHOWN)
            .reverse()
            .map((line) => (
              <li key={line.seq} class={`log-${line.kind}`}>
                <time class="note">{showTime(line.time)}</time>
                <span class="text-block" dir="auto">
                  {line.text.length > 600 ? `${line.text.slice(0, 599)}…` : line.text}
                </span>
              </li>
            ))}
        </ol>
      </div>
    </Part>
  );
}
