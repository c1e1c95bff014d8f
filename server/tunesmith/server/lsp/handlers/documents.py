"""Open documents and files on disk, as the client reports them. Runs on the loop, in the order of the messages."""

from pathlib import Path

from lsprotocol import types

from tunesmith.protocol.folder_layout import WORKSPACE_FOLDER
from tunesmith.server.lsp.documents import Document, file_path
from tunesmith.server.lsp.server import TunesmithServer


def did_open(ls: TunesmithServer, params: types.DidOpenTextDocumentParams) -> None:
    _show(ls, ls.documents.open(params.text_document))


def did_change(ls: TunesmithServer, params: types.DidChangeTextDocumentParams) -> None:
    _show(ls, ls.documents.change(params.text_document, params.content_changes))


def did_close(ls: TunesmithServer, params: types.DidCloseTextDocumentParams) -> None:
    document = ls.documents.close(params.text_document.uri)
    if document is not None:
        ls.spawn(_forget(ls, document.path, document.uri))


def did_save(ls: TunesmithServer, params: types.DidSaveTextDocumentParams) -> None:
    """Only what lies on disk alone (artifacts, configuration) can be new: the text came with the changes."""
    path = file_path(params.text_document.uri)
    if path is not None:
        ls.daemon.folders.refresh(ls.root_of(path), f"{path.name} was saved")


def did_change_watched_files(ls: TunesmithServer, params: types.DidChangeWatchedFilesParams) -> None:
    changed = {path for change in params.changes if (path := file_path(change.uri))}
    for root in {ls.root_of(path) for path in changed if not _is_ours(path)}:
        ls.daemon.folders.refresh(root, "files changed on disk")


def _show(ls: TunesmithServer, document: Document | None) -> None:
    """Clients that pull diagnostics ask by themselves."""
    if document is not None and not ls.abilities.pull_diagnostics:
        ls.refresh.document(document.path)


async def _forget(ls: TunesmithServer, path: Path, uri: str) -> None:
    """The disk counts again, and what was shown of the document goes."""
    await ls.forget(path)
    if not ls.abilities.pull_diagnostics:
        ls.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri=uri, diagnostics=[]))


def _is_ours(path: Path) -> bool:
    return WORKSPACE_FOLDER in path.parts
