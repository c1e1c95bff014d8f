import type { JSX } from "preact";
import { asText } from "../data/programState.ts";
import { LongText } from "./longText.tsx";

/** Named values of a demo, a step or a prediction. */
export function Fields({ values }: { values: Record<string, unknown> }): JSX.Element {
  return (
    <dl class="fields">
      {Object.entries(values).map(([name, value]) => (
        <div class="field" key={name}>
          <dt>{name}</dt>
          <dd>
            <LongText text={asText(value)} />
          </dd>
        </div>
      ))}
    </dl>
  );
}
