// Edits wait for the user: VS Code shows its refactor preview for what needs confirmation (LSP 3.17, ChangeAnnotation).

import type { TextDocumentEdit, WorkspaceEdit } from "vscode-languageclient";

const ANNOTATION = "tunesmith";

/** The same edit, every part of it to be confirmed. `label` heads the preview. */
export function toBeConfirmed(edit: WorkspaceEdit, label: string): WorkspaceEdit {
  const changes = edit.documentChanges ?? Object.entries(edit.changes ?? {}).map(([uri, edits]) => unversioned(uri, edits));
  return {
    documentChanges: changes.map((change) =>
      "kind" in change
        ? { ...change, annotationId: ANNOTATION }
        : { ...change, edits: change.edits.map((one) => ({ ...one, annotationId: ANNOTATION })) },
    ),
    changeAnnotations: { [ANNOTATION]: { label, needsConfirmation: true } },
  };
}

function unversioned(uri: string, edits: TextDocumentEdit["edits"]): TextDocumentEdit {
  return { textDocument: { uri, version: null }, edits };
}
