import type { JSX } from "preact";
import type { InstructionChoice, InstructionsProposed } from "../../../src/protocol.ts";
import { Part } from "./part.tsx";
import { WordDiff } from "./wordDiff.tsx";

interface InstructionsProps {
  choices: InstructionChoice[];
  proposed: InstructionsProposed[];
}

/** What the run changed in the program's instructions, and why. */
export function Instructions({ choices, proposed }: InstructionsProps): JSX.Element {
  return (
    <Part id="instructions" title="Instructions" note={describeProposals(proposed)}>
      {choices.map((choice) => (
        <div class="card stack" key={choice.predictor}>
          <div class="line">
            <h3>{choice.predictor === "self" ? "The program's instruction" : choice.predictor}</h3>
            <span class="badge">from {choice.view}</span>
          </div>
          {choice.why && <p class="note">{choice.why}</p>}
          <WordDiff before={choice.before} after={choice.after} />
        </div>
      ))}
    </Part>
  );
}

function describeProposals(proposed: readonly InstructionsProposed[]): string {
  return proposed
    .map(({ predictor, round, count, views }) => {
      const from = Object.entries(views).map(([view, number]) => `${number} from ${view}`);
      return `${round === 0 ? "" : `after round ${round}: `}${count} proposed for ${predictor} (${from.join(", ")})`;
    })
    .join("; ");
}
