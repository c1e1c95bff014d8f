"""A program's edit as the Language Server Protocol's `WorkspaceEdit`."""

from collections.abc import Sequence
from pathlib import Path

from lsprotocol import types

from tunesmith.server.edits import ProgramEdit
from tunesmith.server.lsp.convert import to_text_edits
from tunesmith.server.lsp.server import ClientFile


def as_workspace_edit(edit: ProgramEdit, root: Path, sources: Sequence[ClientFile]) -> types.WorkspaceEdit:
    """Everything in one versioned edit, for clients that can create files and know versions.

    `sources` are the files it edits.
    """
    changes: list[types.CreateFile | types.TextDocumentEdit] = []
    for path, text in edit.new_files.items():
        uri = (root / path).as_uri()
        changes.append(types.CreateFile(uri=uri, options=types.CreateFileOptions(overwrite=True)))
        start = types.Position(line=0, character=0)
        insertion = types.TextEdit(range=types.Range(start=start, end=start), new_text=text)
        document = types.OptionalVersionedTextDocumentIdentifier(uri=uri, version=None)
        changes.append(types.TextDocumentEdit(text_document=document, edits=[insertion]))
    return types.WorkspaceEdit(document_changes=[*changes, *_source_edits(edit, sources)])


def as_source_edit(edit: ProgramEdit, sources: Sequence[ClientFile], *, versioned: bool) -> types.WorkspaceEdit:
    """The sources alone, for clients whose new files are written here (`write_new_files`)."""
    if versioned:
        return types.WorkspaceEdit(document_changes=_source_edits(edit, sources))
    return types.WorkspaceEdit(
        changes={source.uri: to_text_edits(edit.edits[source.path], source.lines) for source in sources}
    )


def _source_edits(edit: ProgramEdit, sources: Sequence[ClientFile]) -> list[types.TextDocumentEdit]:
    return [
        types.TextDocumentEdit(
            text_document=types.OptionalVersionedTextDocumentIdentifier(uri=source.uri, version=source.version),
            edits=to_text_edits(edit.edits[source.path], source.lines),
        )
        for source in sources
    ]
