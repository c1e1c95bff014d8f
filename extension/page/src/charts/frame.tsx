// What every chart has: a title, what it shows in words, the picture, its numbers as a table, and both to save.
import type { ComponentChildren, JSX, RefObject } from "preact";
import { useContext, useEffect, useId, useRef, useState } from "preact/hooks";
import { asCsv, type Table } from "../data/table.ts";
import { renderPng } from "../export/png.ts";
import { HostContext } from "../model/hostContext.ts";
import { DataTable } from "../views/dataTable.tsx";

export interface Size {
  width: number;
  height: number;
}

export interface Key {
  name: string;
  /** A class that sets `--c`. */
  color: string;
  mark?: "line" | "dot" | "band" | "dash";
}

interface FrameProps {
  title: string;
  /** One or two sentences: how to read it. */
  note?: string;
  /** What the picture says, for who does not see it. */
  summary: string;
  height: number;
  table: Table;
  keys?: Key[];
  controls?: ComponentChildren;
  /** What a press on the first value of a line of its numbers does. */
  onChoose?(value: string): void;
  children(size: Size): ComponentChildren;
}

export function Frame({
  title,
  note,
  summary,
  height,
  table,
  keys = [],
  controls,
  onChoose,
  children,
}: FrameProps): JSX.Element {
  const host = useContext(HostContext);
  const [plot, width] = useWidth();
  const legend = useRef<HTMLUListElement>(null);
  const heading = useId();
  const file = title.toLowerCase().replace(/[^a-z0-9]+/g, "-");

  async function savePng(): Promise<void> {
    const svg = plot.current?.querySelector("svg");
    if (svg) await host.save(`${file}.png`, await renderPng(svg, title, legend.current));
  }

  return (
    <figure class="chart" aria-labelledby={heading}>
      <header>
        <div>
          <h3 id={heading}>{title}</h3>
          {note && <p class="note">{note}</p>}
        </div>
        <div class="actions" data-live>
          {controls}
          <button type="button" class="quiet" onClick={() => void savePng()} aria-label={`Save ${title} as PNG`}>
            PNG
          </button>
          <button
            type="button"
            class="quiet"
            onClick={() => void host.save(`${file}.csv`, new Blob([asCsv(table)], { type: "text/csv" }))}
            aria-label={`Save ${title} as CSV`}
          >
            CSV
          </button>
        </div>
      </header>
      <div class="plot" ref={plot}>
        {width > 0 && (
          <svg
            role="img"
            aria-label={`${title}. ${summary}`}
            width={width}
            height={height}
            viewBox={`0 0 ${width} ${height}`}
          >
            {children({ width, height })}
          </svg>
        )}
      </div>
      {keys.length > 0 && <Keys keys={keys} list={legend} />}
      <details class="numbers">
        <summary>
          The numbers <span class="visually-hidden">of {title}</span>
        </summary>
        <DataTable table={table} caption={title} {...(onChoose ? { onChoose } : {})} />
      </details>
    </figure>
  );
}

function Keys({ keys, list }: { keys: Key[]; list: RefObject<HTMLUListElement | null> }): JSX.Element {
  return (
    <ul class="keys" ref={list}>
      {keys.map(({ name, color, mark = "line" }) => (
        <li key={name} class={color}>
          <span class={`swatch ${mark}`} aria-hidden="true" />
          {name}
        </li>
      ))}
    </ul>
  );
}

function useWidth(): [{ current: HTMLDivElement | null }, number] {
  const element = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  useEffect(() => {
    if (!element.current) return;
    const observer = new ResizeObserver(([entry]) => setWidth(Math.floor(entry?.contentRect.width ?? 0)));
    observer.observe(element.current);
    return () => observer.disconnect();
  }, []);
  return [element, width];
}
