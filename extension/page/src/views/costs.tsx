import type { JSX } from "preact";
import type { Budget, RunCosts } from "../../../src/protocol.ts";
import { LineChart } from "../charts/lineChart.tsx";
import { showCount, showLarge, showSeconds, showUsd } from "../data/numbers.ts";
import { DataTable } from "./dataTable.tsx";
import { Part } from "./part.tsx";

/** What was spent, on which model, and how it added up. */
export function Costs({ costs, budget }: { costs: RunCosts; budget: Budget | undefined }): JSX.Element {
  const priced = (costs.usd.at(-1) ?? 0) > 0;
  const values = priced ? costs.usd : costs.tokens;
  const show = priced ? showUsd : showLarge;
  return (
    <Part id="costs" title="Cost" note={describeBudget(budget)}>
      <div class="pair">
        <LineChart
          title={priced ? "Dollars against calls" : "Tokens against calls"}
          summary={`${showCount(costs.calls.at(-1) ?? 0)} model calls came to ${show(values.at(-1) ?? 0)}.`}
          series={[
            {
              name: priced ? "spent" : "tokens",
              color: "s3",
              points: costs.calls.map((calls, place) => ({ x: calls, y: values[place] ?? 0 })),
            },
          ]}
          xLabel="model calls"
          showX={showCount}
          showY={show}
          table={{
            columns: [
              { name: "calls", show: showCount },
              { name: "tokens", show: showCount },
              { name: "usd", show: showUsd },
            ],
            rows: costs.calls.map((calls, place) => [calls, costs.tokens[place] ?? null, costs.usd[place] ?? null]),
          }}
        />
        <div class="card stack">
          <h3>By model</h3>
          <DataTable
            caption="Cost by model"
            table={{
              columns: [
                { name: "model" },
                { name: "calls", show: showCount },
                { name: "cached", show: showCount },
                { name: "tokens in", show: showLarge },
                { name: "tokens out", show: showLarge },
                { name: "cost", show: showUsd },
                { name: "time", show: showSeconds },
              ],
              rows: costs.models.map((one) => [
                one.model,
                one.calls,
                one.cached,
                one.prompt_tokens,
                one.completion_tokens,
                one.usd,
                one.seconds,
              ]),
            }}
          />
          {costs.models.some((one) => one.usd === null) && (
            <p class="note">No cost is shown where a model's price is unknown; unknown is not free.</p>
          )}
        </div>
      </div>
    </Part>
  );
}

function describeBudget(budget: Budget | undefined): string {
  const caps = [
    budget?.max_calls != null && `${showCount(budget.max_calls)} calls`,
    budget?.max_usd != null && showUsd(budget.max_usd),
    budget?.max_seconds != null && showSeconds(budget.max_seconds),
  ].filter(Boolean);
  return caps.length ? `Capped at ${caps.join(", ")}.` : "";
}
