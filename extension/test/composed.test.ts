import assert from "node:assert/strict";
import { test } from "node:test";
import { applyEdits, changedFiles } from "../src/composed.ts";

const at = (line: number, character: number, toLine = line, toCharacter = character) => ({
  start: { line, character },
  end: { line: toLine, character: toCharacter },
});

test("edits mean the text as it was, whatever their order", () => {
  const text = "one\ntwo\r\n𝄞 three\n";
  const cases = [
    [[], text],
    [[{ range: at(0, 0), newText: "zero\n" }], "zero\none\ntwo\r\n𝄞 three\n"],
    [[{ range: at(3, 0), newText: "end" }], `${text}end`],
    [[{ range: at(9, 9), newText: "beyond" }], `${text}beyond`],
    // The clef takes two code units.
    [[{ range: at(2, 3, 2, 8), newText: "3" }], "one\ntwo\r\n𝄞 3\n"],
    [
      [
        { range: at(1, 0, 2, 0), newText: "" },
        { range: at(0, 0, 0, 3), newText: "1" },
      ],
      "1\n𝄞 three\n",
    ],
    [
      [
        { range: at(0, 3), newText: "a" },
        { range: at(0, 3), newText: "b" },
      ],
      "oneab\ntwo\r\n𝄞 three\n",
    ],
  ] as const;
  for (const [edits, expected] of cases) assert.equal(applyEdits(text, edits), expected);
});

test("which files an edit touches, and which it makes", () => {
  const edits = [{ range: at(0, 0), newText: "x" }];
  const documentChanges = [
    { kind: "create" as const, uri: "file:///w/compiled/desk.json", options: { overwrite: true } },
    { textDocument: { uri: "file:///w/compiled/desk.json", version: null }, edits },
    { textDocument: { uri: "file:///w/a.py", version: 3 }, edits },
  ];
  assert.deepEqual(changedFiles({ documentChanges }), [
    { uri: "file:///w/compiled/desk.json", isNew: true, version: null, edits },
    { uri: "file:///w/a.py", isNew: false, version: 3, edits },
  ]);
  assert.deepEqual(changedFiles({ changes: { "file:///w/a.py": edits } }), [
    { uri: "file:///w/a.py", isNew: false, version: null, edits },
  ]);
  assert.deepEqual(changedFiles({}), []);
});
