"""`textDocument/diagnostic`, and the same pushed to clients that do not ask."""

from pathlib import Path

from lsprotocol import types

from tunesmith.server.features import diagnose
from tunesmith.server.lsp.abilities import Abilities
from tunesmith.server.lsp.convert import to_diagnostic
from tunesmith.server.lsp.handlers.guard import guarded
from tunesmith.server.lsp.server import Place, TunesmithServer


def options(_: Abilities) -> types.DiagnosticOptions:
    """What is found in a file may follow from others."""
    return types.DiagnosticOptions(inter_file_dependencies=True, workspace_diagnostics=False)


@guarded
async def diagnostic(ls: TunesmithServer, params: types.DocumentDiagnosticParams) -> types.DocumentDiagnosticReport:
    place = await ls.locate(params.text_document.uri)
    return types.RelatedFullDocumentDiagnosticReport(items=_diagnose(ls, place) if place else [])


async def publish(ls: TunesmithServer, path: Path) -> None:
    """Push the diagnostics of a document, unless it was closed meanwhile."""
    document = ls.documents.of_path(path)
    place = await ls.locate(document.uri) if document else None
    if place is None or place.version is None:
        return
    ls.text_document_publish_diagnostics(
        types.PublishDiagnosticsParams(uri=place.uri, version=place.version, diagnostics=_diagnose(ls, place))
    )


def _diagnose(ls: TunesmithServer, place: Place) -> list[types.Diagnostic]:
    found = diagnose(ls.snapshot(place.workspace), place.path)
    paths = {related.path for one in found for related in one.related}
    files = {path: file for path in paths if (file := ls.place(place.workspace, place.root, path))}
    lines = {path: (file.uri, file.lines) for path, file in files.items()}
    return [to_diagnostic(one, place.lines, lines) for one in found]
