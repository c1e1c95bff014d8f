import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import { describeDiff, diffWords } from "../data/wordDiff.ts";
import { LongText } from "./longText.tsx";

/** What became of a text, word by word. */
export function WordDiff({ before, after }: { before: string; after: string }): JSX.Element {
  const pieces = useMemo(() => diffWords(before, after), [before, after]);
  if (before === after) return <LongText text={after} boxed />;
  return (
    <div class="boxed text-block" dir="auto">
      <span class="visually-hidden">{describeDiff(pieces)}: </span>
      {pieces.map(({ kind, text }, place) =>
        kind === "new" ? <ins key={place}>{text}</ins> : kind === "gone" ? <del key={place}>{text}</del> : text,
      )}
    </div>
  );
}
