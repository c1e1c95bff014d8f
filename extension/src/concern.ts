// Whether a window has anything to do with DSPy: cheap, because every Python user's window asks.

import { readFile } from "node:fs/promises";
import * as path from "node:path";

const CONFIGURED = /^\s*\[\s*tool\s*\.\s*tunesmith\b/m;
const MENTIONS = /\bdspy\b/;

/** A Python file whose text mentions dspy. */
export function mentionsDspy(document: { languageId: string; uri: { scheme: string }; getText(): string }): boolean {
  return document.languageId === "python" && document.uri.scheme === "file" && MENTIONS.test(document.getText());
}

/** A folder whose `pyproject.toml` has `[tool.tunesmith]`. */
export async function isConfigured(folder: string): Promise<boolean> {
  return CONFIGURED.test(await readConfiguration(folder));
}

/** Whether the folder's `[tool.tunesmith]` says which Python runs its programs. */
export async function namesInterpreter(folder: string): Promise<boolean> {
  const text = await readConfiguration(folder);
  const table = /^\s*\[\s*tool\s*\.\s*tunesmith\s*\][^\n]*\n([\s\S]*?)(?=^\s*\[|$(?![\s\S]))/m.exec(text);
  return /^\s*interpreter\s*=/m.test(table?.[1] ?? "");
}

async function readConfiguration(folder: string): Promise<string> {
  try {
    return await readFile(path.join(folder, "pyproject.toml"), "utf8");
  } catch {
    return "";
  }
}
