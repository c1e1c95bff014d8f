// How often each kind of error happens, before and after.
import { scaleLinear } from "d3-scale";
import type { JSX } from "preact";
import type { Category } from "../data/errorCategories.ts";
import { showScore } from "../data/numbers.ts";
import { Frame } from "./frame.tsx";

const ROW = 46;

export function PairedBars({ categories, hasAfter }: { categories: Category[]; hasAfter: boolean }): JSX.Element {
  const most = Math.max(...categories.map((one) => Math.max(one.before, one.after)));
  const show = (value: number) => showScore(value, true);
  return (
    <Frame
      title={hasAfter ? "Errors before and after" : "Errors"}
      note="The share of the examples each kind happened on."
      summary={categories
        .map((one) => `${one.text}: ${show(one.before)}${hasAfter ? `, then ${show(one.after)}` : ""}`)
        .join("; ")}
      height={categories.length * ROW + 4}
      table={{
        columns: [{ name: "kind" }, { name: "before", show }, ...(hasAfter ? [{ name: "after", show }] : [])],
        rows: categories.map((one) => (hasAfter ? [one.text, one.before, one.after] : [one.text, one.before])),
      }}
      keys={
        hasAfter
          ? [
              { name: "before", color: "baseline", mark: "dot" },
              { name: "after", color: "tuned", mark: "dot" },
            ]
          : []
      }
    >
      {({ width }) => {
        const x = scaleLinear()
          .domain([0, most])
          .range([0, width - 52]);
        const letters = Math.floor(width / 6.6);
        return categories.map((one, place) => (
          <g key={one.text}>
            <text class="strong" x={0} y={place * ROW + 12}>
              {one.text.length > letters ? `${one.text.slice(0, letters - 1)}…` : one.text}
            </text>
            <Bar kind="baseline" y={place * ROW + 18} width={x(one.before)} text={show(one.before)} />
            {hasAfter && <Bar kind="tuned" y={place * ROW + 28} width={x(one.after)} text={show(one.after)} />}
          </g>
        ));
      }}
    </Frame>
  );
}

function Bar({ kind, y, width, text }: { kind: string; y: number; width: number; text: string }): JSX.Element {
  return (
    <g class={kind}>
      <rect class="tick" x={0} y={y} width={Math.max(1, width)} height={8} rx={2} />
      <text x={width + 6} y={y + 4} dominant-baseline="central" font-size={11}>
        {text}
      </text>
    </g>
  );
}
