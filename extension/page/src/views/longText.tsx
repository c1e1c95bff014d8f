// Words of a program, a model or a user: always shown as they are, however long.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { showCount } from "../data/numbers.ts";

const SHOWN = 1200;

export function LongText({ text, boxed = false }: { text: string; boxed?: boolean }): JSX.Element {
  const [whole, setWhole] = useState(false);
  const cut = !whole && text.length > SHOWN;
  return (
    <div class={boxed ? "boxed" : ""}>
      <div class="text-block" dir="auto">
        {cut ? `${text.slice(0, SHOWN)}…` : text}
      </div>
      {cut && (
        <button type="button" class="quiet" data-live onClick={() => setWhole(true)}>
          Show all {showCount(text.length)} characters
        </button>
      )}
    </div>
  );
}
