// What became of a text, word by word.
import { diffWordsWithSpace } from "diff";

export interface Piece {
  kind: "same" | "gone" | "new";
  text: string;
}

/** Words that may differ before a text counts as rewritten: finding more would hang the page. */
const MOST_EDITS = 2000;

export function diffWords(before: string, after: string): Piece[] {
  const changes = diffWordsWithSpace(before, after, { maxEditLength: MOST_EDITS });
  if (changes === undefined) return [...piece("gone", before), ...piece("new", after)];
  return changes.flatMap((change) => piece(change.removed ? "gone" : change.added ? "new" : "same", change.value));
}

function piece(kind: Piece["kind"], text: string): Piece[] {
  return text === "" ? [] : [{ kind, text }];
}

/** `12 words added, 3 removed`: for who hears the page instead of seeing colours. */
export function describeDiff(pieces: readonly Piece[]): string {
  const count = (kind: Piece["kind"]) =>
    pieces.filter((one) => one.kind === kind).reduce((words, one) => words + (one.text.match(/\S+/g)?.length ?? 0), 0);
  const [added, removed] = [count("new"), count("gone")];
  if (added === 0 && removed === 0) return "unchanged";
  return `${added} ${added === 1 ? "word" : "words"} added, ${removed} removed`;
}
