import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { test } from "node:test";
import { isConfigured, mentionsDspy, namesInterpreter } from "../src/concern.ts";

test("a document concerns us where Python mentions dspy", () => {
  const cases = [
    ["python", "file", "import dspy\n", true],
    ["python", "file", "from dspy.teleprompt import MIPROv2\n", true],
    ["python", "file", "import dspython\n", false],
    ["python", "git", "import dspy\n", false],
    ["markdown", "file", "import dspy\n", false],
  ] as const;
  for (const [languageId, scheme, text, expected] of cases) {
    assert.equal(mentionsDspy({ languageId, uri: { scheme }, getText: () => text }), expected, text);
  }
});

test("a folder concerns us where its pyproject.toml says so, and may name its Python", async () => {
  const cases = [
    ["", false, false],
    ["[tool.tunesmith]\nlm = 'x'\n", true, false],
    ["[tool.tunesmith]\ninterpreter = '.venv/bin/python'\n", true, true],
    ["[tool.tunesmith] # ours\nlm = 'x'\n  interpreter='python'\n[tool.ruff]\n", true, true],
    ["[tool.tunesmith]\n\n[tool.other]\ninterpreter = 'python'\n", true, false],
    ["[tool.tunesmith.targets.a]\nprogram = 'a:b'\n", true, false],
    ["# [tool.tunesmith]\n", false, false],
    ["[tool.tunesmithy]\ninterpreter = 'python'\n", false, false],
  ] as const;
  const folder = mkdtempSync(path.join(tmpdir(), "ts-"));
  try {
    assert.equal(await isConfigured(folder), false, "without the file");
    for (const [text, configured, named] of cases) {
      writeFileSync(path.join(folder, "pyproject.toml"), text);
      assert.equal(await isConfigured(folder), configured, text);
      assert.equal(await namesInterpreter(folder), named, text);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});
