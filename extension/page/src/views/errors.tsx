import type { JSX } from "preact";
import { PairedBars } from "../charts/pairedBars.tsx";
import { compareErrors, type Category } from "../data/errorCategories.ts";
import { showScore } from "../data/numbers.ts";
import { baselineOf, type RunModel } from "../model/runModel.ts";
import { LongText } from "./longText.tsx";
import { Part } from "./part.tsx";

/** What goes wrong: of the program as it came, of what leads now, and what was found in the data. */
export function Errors({ model }: { model: RunModel }): JSX.Element {
  const { before, after, categories } = compareErrors(
    model.errors.value,
    baselineOf(model.tallies.value),
    model.leader.value,
  );
  const analysed = model.story.value.analysed;
  const describe = (one: typeof before, name: string) =>
    one && one.rollouts > 0
      ? `${name}: ${showScore(1 - one.accepted / one.rollouts, true)} of ${one.rollouts} not accepted`
      : "";
  return (
    <Part
      id="errors"
      title="Errors"
      note={[describe(before, "before"), describe(after, "after")].filter(Boolean).join("; ")}
    >
      <div class="pair">
        {categories.length > 0 && (
          <div class="stack">
            <PairedBars categories={categories} hasAfter={after !== null} />
            {categories.some((one) => one.sample) && <Samples categories={categories} />}
          </div>
        )}
        {analysed.length > 0 && (
          <div class="card stack">
            <h3>What was found in data, program and errors</h3>
            <LongText text={analysed.join("\n")} />
          </div>
        )}
      </div>
    </Part>
  );
}

function Samples({ categories }: { categories: readonly Category[] }): JSX.Element {
  return (
    <div class="card stack">
      <h3>In their own words</h3>
      {categories
        .filter((one) => one.sample)
        .map((one) => (
          <details key={one.text}>
            <summary>{one.text}</summary>
            <p class="note">on examples {one.examples.join(", ")}</p>
            <LongText text={one.sample} boxed />
          </details>
        ))}
    </div>
  );
}
