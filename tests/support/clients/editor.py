"""An editor for tests: pytest-lsp's client, with documents it keeps, edits it applies, and what it was asked for."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, Union

from cattrs import Converter
from lsprotocol import types
from pygls.protocol import default_converter
from pytest_lsp import LanguageClient, client_capabilities
from pytest_lsp.client import DEFAULT_CLIENT_FEATURES, register_lsp_features

from tunesmith.server.lsp.documents import file_path
from tunesmith.server.lsp.line_table import LineTable

T = TypeVar("T")

TIMEOUT = 60.0
"""Seconds, for whatever a test waits for: only a hang takes so long."""


class Editor(LanguageClient):
    """One window. `documents` maps URIs to (version, text)."""

    def __init__(self) -> None:
        super().__init__(converter_factory=_converter)
        self.documents: dict[str, tuple[int, str]] = {}
        self.apply_count = 0
        self.refreshed: list[str] = []
        self.server: types.InitializeResult | None = None
        register_lsp_features(self, {**DEFAULT_CLIENT_FEATURES, **HANDLERS})
        self._news = asyncio.Event()

    async def begin(self, client: str, root: Path, **options: Any) -> None:
        """`client` is a capability set of pytest-lsp's, e.g. `neovim`."""
        params = types.InitializeParams(
            capabilities=client_capabilities(client),
            workspace_folders=[types.WorkspaceFolder(uri=root.as_uri(), name=root.name)],
            root_uri=root.as_uri(),
            initialization_options=options or None,
        )
        self.server = await self.initialize_session(params)

    def open(self, path: Path) -> str:
        uri, text = path.as_uri(), path.read_text(encoding="utf-8")
        self.documents[uri] = (1, text)
        item = types.TextDocumentItem(uri=uri, language_id="python", version=1, text=text)
        self.text_document_did_open(types.DidOpenTextDocumentParams(text_document=item))
        return uri

    def type(self, uri: str, text: str) -> None:
        """Replace the whole text, as by hand."""
        version = self.documents[uri][0] + 1
        self.documents[uri] = (version, text)
        self.text_document_did_change(
            types.DidChangeTextDocumentParams(
                text_document=types.VersionedTextDocumentIdentifier(uri=uri, version=version),
                content_changes=[types.TextDocumentContentChangeWholeDocument(text=text)],
            )
        )

    async def leave(self) -> None:
        """Close the window, unless its server is gone already."""
        if self._server is not None and self._server.returncode is None:
            await asyncio.wait_for(self.shutdown_session(), TIMEOUT)
        await self.stop()  # type: ignore[no-untyped-call]  # pygls leaves it untyped

    async def until(self, holds: Callable[[], T | None]) -> T:
        """Wait for messages until `holds` gives something."""

        async def wait() -> T:
            while not (found := holds()):
                self._news.clear()
                await self._news.wait()
            return found

        return await asyncio.wait_for(wait(), TIMEOUT)

    def note(self) -> None:
        """Something came in."""
        self._news.set()

    async def lenses(self, uri: str) -> list[types.CodeLens]:
        document = types.TextDocumentIdentifier(uri=uri)
        return list(await self.text_document_code_lens_async(types.CodeLensParams(text_document=document)) or [])

    async def hints(self, uri: str) -> list[types.InlayHint]:
        """Every hint anywhere in the document."""
        _, text = self.documents[uri]
        params = types.InlayHintParams(
            text_document=types.TextDocumentIdentifier(uri=uri),
            range=LineTable(text, self.encoding).range(0, len(text)),
        )
        return list(await self.text_document_inlay_hint_async(params) or [])

    async def actions(self, uri: str) -> list[types.CodeAction | types.Command]:
        """Every action anywhere in the document."""
        _, text = self.documents[uri]
        params = types.CodeActionParams(
            text_document=types.TextDocumentIdentifier(uri=uri),
            range=LineTable(text, self.encoding).range(0, len(text)),
            context=types.CodeActionContext(diagnostics=[]),
        )
        return list(await self.text_document_code_action_async(params) or [])

    @property
    def pulls(self) -> bool:
        assert self.server is not None
        return self.server.capabilities.diagnostic_provider is not None

    @property
    def shows_hints(self) -> bool:
        assert self.server is not None
        return self.server.capabilities.inlay_hint_provider is not None

    async def pull(self, uri: str) -> list[types.Diagnostic]:
        document = types.TextDocumentIdentifier(uri=uri)
        report = await self.text_document_diagnostic_async(types.DocumentDiagnosticParams(text_document=document))
        assert isinstance(report, types.RelatedFullDocumentDiagnosticReport)
        return list(report.items)

    async def execute(self, command: types.Command | None) -> Any:
        assert command is not None
        params = types.ExecuteCommandParams(command=command.command, arguments=command.arguments)
        return await self.workspace_execute_command_async(params)

    @property
    def encoding(self) -> types.PositionEncodingKind | str:
        assert self.server is not None
        return self.server.capabilities.position_encoding or types.PositionEncodingKind.Utf16

    def apply(self, edit: types.WorkspaceEdit) -> bool:
        """As an editor would: nothing where a version is not the document's."""
        changes = edit.document_changes or ()
        for change in changes:
            if isinstance(change, types.TextDocumentEdit) and not self._is_current(change.text_document):
                return False
        for change in changes:
            if isinstance(change, types.CreateFile):
                path = _path(change.uri)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text("", encoding="utf-8")
            elif isinstance(change, types.TextDocumentEdit):
                self._edit(change.text_document.uri, change.edits)
        for uri, edits in (edit.changes or {}).items():
            self._edit(uri, edits)
        self.apply_count += 1
        return True

    def save(self, uri: str) -> None:
        _path(uri).write_text(self.documents[uri][1], encoding="utf-8")
        self.text_document_did_save(types.DidSaveTextDocumentParams(types.TextDocumentIdentifier(uri=uri)))

    def _is_current(self, document: types.OptionalVersionedTextDocumentIdentifier) -> bool:
        known = self.documents.get(document.uri)
        return document.version is None or (known is not None and known[0] == document.version)

    def _edit(self, uri: str, edits: Any) -> None:
        known = self.documents.get(uri)
        text = known[1] if known else _path(uri).read_text(encoding="utf-8")
        lines = LineTable(text, self.encoding)
        for edit in sorted(edits, key=lambda edit: lines.offset(edit.range.start), reverse=True):
            start, end = lines.offset(edit.range.start), lines.offset(edit.range.end)
            text = text[:start] + edit.new_text + text[end:]
        if known:
            self.type(uri, text)
        else:
            _path(uri).write_text(text, encoding="utf-8")


def _converter() -> Converter:
    """lsprotocol's takes every action that has a command for a plain command; in those it is text."""
    converter: Converter = default_converter()  # type: ignore[no-untyped-call]  # nor this

    def structure(data: dict[str, Any], _: Any) -> types.CodeAction | types.Command:
        is_plain = isinstance(data.get("command"), str)
        return converter.structure(data, types.Command) if is_plain else converter.structure(data, types.CodeAction)

    converter.register_structure_hook(Union[types.Command, types.CodeAction], structure)  # noqa: UP007  its own key
    return converter


def _path(uri: str) -> Path:
    path = file_path(uri)
    assert path is not None
    return path


def _apply_edit(ls: Editor, params: types.ApplyWorkspaceEditParams) -> types.ApplyWorkspaceEditResult:
    return types.ApplyWorkspaceEditResult(applied=ls.apply(params.edit))


def _register(ls: Editor, params: types.RegistrationParams) -> None:
    ls.refreshed += [registration.method for registration in params.registrations]


def _refresh_lenses(ls: Editor, _: None) -> None:
    ls.refreshed.append(types.WORKSPACE_CODE_LENS_REFRESH)


def _refresh_hints(ls: Editor, _: None) -> None:
    ls.refreshed.append(types.WORKSPACE_INLAY_HINT_REFRESH)


def _noting(handler: Callable[[Editor, Any], Any]) -> Callable[[Editor, Any], Any]:
    def noting(ls: Editor, params: Any) -> Any:
        result = handler(ls, params)
        ls.note()
        return result

    return noting


HANDLERS = {
    types.WORKSPACE_APPLY_EDIT: _apply_edit,
    types.CLIENT_REGISTER_CAPABILITY: _register,
    types.WORKSPACE_CODE_LENS_REFRESH: _refresh_lenses,
    types.WORKSPACE_INLAY_HINT_REFRESH: _refresh_hints,
    **{
        method: _noting(DEFAULT_CLIENT_FEATURES[method])
        for method in (
            types.PROGRESS,
            types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS,
            types.WINDOW_SHOW_MESSAGE,
            types.WINDOW_WORK_DONE_PROGRESS_CREATE,
        )
    },
}
