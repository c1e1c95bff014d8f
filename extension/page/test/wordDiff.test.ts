import assert from "node:assert/strict";
import { test } from "node:test";
import { describeDiff, diffWords } from "../src/data/wordDiff.ts";

test("words that came and went", () => {
  const pieces = diffWords("Sort the message.", "Sort every message.");
  assert.deepEqual(
    pieces.filter((one) => one.kind !== "same").map((one) => [one.kind, one.text]),
    [
      ["gone", "the"],
      ["new", "every"],
    ],
  );
  assert.equal(describeDiff(pieces), "1 word added, 1 removed");
});

test("both texts can be put together again from the pieces", () => {
  const [before, after] = ["a b\n\nc  d", "a x\nc  d e <b>f</b>"];
  const pieces = diffWords(before, after);
  assert.equal(
    pieces
      .filter((one) => one.kind !== "new")
      .map((one) => one.text)
      .join(""),
    before,
  );
  assert.equal(
    pieces
      .filter((one) => one.kind !== "gone")
      .map((one) => one.text)
      .join(""),
    after,
  );
});

test("the same text is one piece", () => {
  assert.deepEqual(diffWords("same", "same"), [{ kind: "same", text: "same" }]);
  assert.equal(describeDiff(diffWords("same", "same")), "unchanged");
});

test("texts that share nothing do not hang the page", { timeout: 5000 }, () => {
  const words = (letter: string) => Array.from({ length: 30_000 }, (_, at) => `${letter}${at}`).join(" ");
  const pieces = diffWords(words("a"), words("b"));
  assert.deepEqual(
    pieces.map((one) => one.kind),
    ["gone", "new"],
  );
});
