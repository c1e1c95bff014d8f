"""`textDocument/diagnostic`, and the same pushed to clients that do not ask."""

from pathlib import Path

from lsprotocol import types

from tunesmith.server.features import diagnose
from tunesmith.server.lsp.abilities import Abilities
from tunesmith.server.lsp.convert import to_diagnostic
from tunesmith.server.lsp.handlers.guard import guarded
from tunesmith.server.lsp.server import ClientFile, TunesmithServer


def options(_: Abilities) -> types.DiagnosticOptions:
    """What is found in a file may follow from others."""
    return types.DiagnosticOptions(inter_file_dependencies=True, workspace_diagnostics=False)


@guarded
async def diagnostic(ls: TunesmithServer, params: types.DocumentDiagnosticParams) -> types.DocumentDiagnosticReport:
    file = await ls.locate(params.text_document.uri)
    return types.RelatedFullDocumentDiagnosticReport(items=_diagnose(ls, file) if file else [])


async def publish(ls: TunesmithServer, path: Path) -> None:
    """Push the diagnostics of a document, unless it was closed meanwhile."""
    document = ls.documents.of_path(path)
    file = await ls.locate(document.uri) if document else None
    if file is None or file.version is None:
        return
    ls.text_document_publish_diagnostics(
        types.PublishDiagnosticsParams(uri=file.uri, version=file.version, diagnostics=_diagnose(ls, file))
    )


def _diagnose(ls: TunesmithServer, file: ClientFile) -> list[types.Diagnostic]:
    found = diagnose(ls.snapshot(file.workspace), file.path)
    paths = {related.path for one in found for related in one.related}
    others = {path: other for path in paths if (other := ls.file_at(file.workspace, file.root, path))}
    lines = {path: (other.uri, other.lines) for path, other in others.items()}
    return [to_diagnostic(one, file.lines, lines) for one in found]
