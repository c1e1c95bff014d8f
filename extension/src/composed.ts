// What files would read after an edit of the language server protocol. Positions count UTF-16, as VS Code's do.

import type { TextEdit, WorkspaceEdit } from "vscode-languageclient";

/** One file an edit touches. */
export interface Changed {
  uri: string;
  /** The edit makes it. */
  isNew: boolean;
  /** The version the edit was made for; null: any. */
  version: number | null;
  edits: TextEdit[];
}

/** In the edit's order. Renaming and deleting are no part of what this server sends. */
export function changedFiles(edit: WorkspaceEdit): Changed[] {
  const files = new Map<string, Changed>();
  const changes =
    edit.documentChanges ?? Object.entries(edit.changes ?? {}).map(([uri, edits]) => unversioned(uri, edits));
  for (const change of changes) {
    if ("textDocument" in change) {
      const { uri, version } = change.textDocument;
      const known = files.get(uri) ?? { uri, isNew: false, version, edits: [] };
      files.set(uri, { ...known, edits: [...known.edits, ...change.edits.filter((one) => "newText" in one)] });
    } else if (change.kind === "create") {
      files.set(change.uri, { uri: change.uri, isNew: true, version: null, edits: [] });
    }
  }
  return [...files.values()];
}

/** The edits' ranges all mean the text as it is, and do not overlap (LSP 3.17, "Text Documents"). */
export function applyEdits(text: string, edits: readonly TextEdit[]): string {
  const lines = [0];
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) lines.push(at + 1);
  const offset = ({ line, character }: TextEdit["range"]["start"]) =>
    Math.min((lines[line] ?? text.length) + character, lines[line + 1] ?? text.length, text.length);
  const placed = edits
    .map((edit, order) => ({ start: offset(edit.range.start), end: offset(edit.range.end), text: edit.newText, order }))
    .sort((one, other) => one.start - other.start || one.order - other.order);
  let done = 0;
  let result = "";
  for (const edit of placed) {
    result += text.slice(done, edit.start) + edit.text;
    done = edit.end;
  }
  return result + text.slice(done);
}

function unversioned(uri: string, edits: TextEdit[]) {
  return { textDocument: { uri, version: null }, edits };
}
