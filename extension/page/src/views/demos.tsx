import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { DemoChoice } from "../../../src/protocol.ts";
import { showCount } from "../data/numbers.ts";
import { Fields } from "./fields.tsx";
import { Part } from "./part.tsx";
import { RolloutsOnDemand } from "./rollouts.tsx";

const SHOWN = 24;

/** The demos a run chose: what each shows, why it was picked, what it costs, and the trace it comes from. */
export function Demos({ run, demos }: { run: string; demos: DemoChoice[] }): JSX.Element {
  const [shown, setShown] = useState(SHOWN);
  const tokens = demos.reduce((sum, demo) => sum + demo.tokens, 0);
  return (
    <Part id="demos" title="Demos" note={`${demos.length} chosen, ${showCount(tokens)} tokens in every prompt.`}>
      <div class="pair">
        {demos.slice(0, shown).map((demo, place) => (
          <DemoCard key={place} run={run} demo={demo} />
        ))}
      </div>
      {demos.length > shown && (
        <button type="button" class="quiet" data-live onClick={() => setShown(shown + SHOWN)}>
          Show more
        </button>
      )}
    </Part>
  );
}

export function DemoCard({ run, demo }: { run: string | null; demo: DemoChoice }): JSX.Element {
  return (
    <div class="card stack">
      <div class="line">
        <h3>
          {demo.predictor === "self" ? "" : `${demo.predictor}: `}
          {demo.example === null ? "own demo" : `example ${demo.example}`}
        </h3>
        <span class="note">
          {demo.origin} · {showCount(demo.tokens)} tokens
        </span>
      </div>
      {demo.why && <p class="note">{demo.why}</p>}
      <Fields values={demo.values} />
      {run && demo.example !== null && (
        <RolloutsOnDemand
          title="The traces on this example"
          find={{ run_id: run, example: demo.example, split: "train", accepted_first: true }}
        />
      )}
    </div>
  );
}
