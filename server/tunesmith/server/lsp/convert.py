"""From what features know (code points, plain structs) to what this client reads."""

from collections.abc import Mapping

from lsprotocol import types

from tunesmith.server.edits import TextEdit
from tunesmith.server.features import Hint, Lens
from tunesmith.server.index import Span
from tunesmith.server.lsp.line_table import LineTable
from tunesmith.server.rules import Diagnostic

SEVERITIES = {
    "error": types.DiagnosticSeverity.Error,
    "warning": types.DiagnosticSeverity.Warning,
    "information": types.DiagnosticSeverity.Information,
    "hint": types.DiagnosticSeverity.Hint,
}


def to_range(span: Span, lines: LineTable) -> types.Range:
    """A span as this client counts."""
    return lines.range(span.start, span.end)


def to_lens(lens: Lens, lines: LineTable) -> types.CodeLens:
    """A lens with its command."""
    command = types.Command(title=lens.title, command=lens.command, arguments=lens.arguments)
    return types.CodeLens(range=to_range(lens.span, lines), command=command)


def to_inlay_hint(hint: Hint, lines: LineTable) -> types.InlayHint:
    """A hint with its tooltip, a space before it."""
    return types.InlayHint(
        position=lines.position(hint.offset), label=hint.label, tooltip=hint.tooltip, padding_left=True
    )


def to_inline_completion(edit: TextEdit, lines: LineTable) -> types.InlineCompletionItem:
    """Of an edit on one line."""
    return types.InlineCompletionItem(insert_text=edit.new_text, range=lines.range(edit.start, edit.end))


def to_diagnostic(
    diagnostic: Diagnostic, lines: LineTable, related: Mapping[str, tuple[str, LineTable]]
) -> types.Diagnostic:
    """`related` holds URI and lines of the files that `diagnostic.related` names; a missing one is left out."""
    return types.Diagnostic(
        range=to_range(diagnostic.span, lines),
        severity=SEVERITIES[diagnostic.severity],
        code=diagnostic.code,
        source="tunesmith",
        message=diagnostic.message,
        related_information=[
            types.DiagnosticRelatedInformation(
                location=types.Location(uri=file[0], range=to_range(one.span, file[1])), message=one.message
            )
            for one in diagnostic.related
            if (file := related.get(one.path))
        ]
        or None,
        data=diagnostic.data or None,
    )


def to_text_edits(edits: list[TextEdit], lines: LineTable) -> list[types.TextEdit]:
    """Edits of one file, as this client counts."""
    return [types.TextEdit(range=lines.range(edit.start, edit.end), new_text=edit.new_text) for edit in edits]
