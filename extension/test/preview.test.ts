import assert from "node:assert/strict";
import { test } from "node:test";
import { toBeConfirmed } from "../src/preview.ts";

const range = { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } };

test("every part of an edit waits for confirmation", () => {
  const edit = toBeConfirmed(
    {
      documentChanges: [
        { kind: "create", uri: "file:///w/compiled/desk.json", options: { overwrite: true } },
        { textDocument: { uri: "file:///w/a.py", version: 3 }, edits: [{ range, newText: "x" }] },
      ],
    },
    "Load the compiled program",
  );
  const [annotation = "", ...others] = Object.keys(edit.changeAnnotations ?? {});
  assert.deepEqual(others, []);
  assert.deepEqual(edit.changeAnnotations?.[annotation], { label: "Load the compiled program", needsConfirmation: true });
  assert.deepEqual(edit.documentChanges, [
    { kind: "create", uri: "file:///w/compiled/desk.json", options: { overwrite: true }, annotationId: annotation },
    {
      textDocument: { uri: "file:///w/a.py", version: 3 },
      edits: [{ range, newText: "x", annotationId: annotation }],
    },
  ]);
});

test("so does one without versions", () => {
  const edit = toBeConfirmed({ changes: { "file:///w/a.py": [{ range, newText: "x" }] } }, "label");
  assert.equal(edit.changes, undefined);
  assert.deepEqual(edit.documentChanges, [
    { textDocument: { uri: "file:///w/a.py", version: null }, edits: [{ range, newText: "x", annotationId: "tunesmith" }] },
  ]);
});
