"""An editor without a screen: it opens a document, runs its lenses, follows progress, and picks code actions.

It declares what Neovim 0.11 or VS Code would of what the server uses, and speaks through the same command,
`tunesmith lsp`.
"""

import asyncio
import difflib
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar, Union

import msgspec
from cattrs import Converter
from lsprotocol import types
from pygls.lsp.client import LanguageClient
from pygls.protocol import JsonRPCResponseMessage, default_converter

from tunesmith.protocol.session_messages import ApplyParams, ApplyResult
from tunesmith.protocol.wire import T, Wire
from tunesmith.server.lsp import LineTable

CAPABILITIES = types.ClientCapabilities(
    general=types.GeneralClientCapabilities(position_encodings=[types.PositionEncodingKind.Utf16]),
    window=types.WindowClientCapabilities(work_done_progress=True),
    workspace=types.WorkspaceClientCapabilities(
        apply_edit=True,
        workspace_folders=True,
        workspace_edit=types.WorkspaceEditClientCapabilities(
            document_changes=True,
            resource_operations=[types.ResourceOperationKind.Create],
            failure_handling=types.FailureHandlingKind.Undo,
        ),
        code_lens=types.CodeLensWorkspaceClientCapabilities(refresh_support=True),
    ),
    text_document=types.TextDocumentClientCapabilities(
        code_lens=types.CodeLensClientCapabilities(dynamic_registration=False),
        publish_diagnostics=types.PublishDiagnosticsClientCapabilities(version_support=True),
        code_action=types.CodeActionClientCapabilities(
            data_support=True,
            resolve_support=types.ClientCodeActionResolveOptions(properties=["edit"]),
            code_action_literal_support=types.ClientCodeActionLiteralOptions(
                code_action_kind=types.ClientCodeActionKindOptions(
                    value_set=[types.CodeActionKind.QuickFix, types.CodeActionKind.RefactorRewrite]
                )
            ),
        ),
    ),
)

Found = TypeVar("Found")

ShowProgress = Callable[[str, int], None]
"""What it is doing, and how far in per cent."""


class DemoEditor:
    """One window with one document."""

    def __init__(self, client: LanguageClient, show_progress: ShowProgress) -> None:
        self._client = client
        self._show_progress = show_progress
        self._diagnostics: list[types.Diagnostic] = []
        self._news = asyncio.Event()
        self._ended: str | None = None
        self.messages: list[str] = []
        """What the server showed the user, in order."""
        for method, handler in (
            (types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS, self._take_diagnostics),
            (types.PROGRESS, self._take_progress),
            (types.WINDOW_SHOW_MESSAGE, self._take_message),
            (types.WINDOW_WORK_DONE_PROGRESS_CREATE, _agree),
            (types.WORKSPACE_CODE_LENS_REFRESH, _agree),
            (types.CLIENT_REGISTER_CAPABILITY, _agree),
            (types.WINDOW_LOG_MESSAGE, _agree),
        ):
            client.feature(method)(_as_function(handler))

    async def open(self, root: Path, path: Path, text: str) -> None:
        """Introduce itself as an editor of the folder `root`, with the document at `path` open."""
        folder = types.WorkspaceFolder(uri=root.as_uri(), name=root.name)
        await self._client.initialize_async(
            types.InitializeParams(
                capabilities=CAPABILITIES,
                root_uri=root.as_uri(),
                workspace_folders=[folder],
                client_info=types.ClientInfo(name="tunesmith demo"),
            )
        )
        self._client.initialized(types.InitializedParams())
        self._text = text
        self._document = types.TextDocumentIdentifier(uri=path.as_uri())
        item = types.TextDocumentItem(uri=path.as_uri(), language_id="python", version=1, text=self._text)
        self._client.text_document_did_open(types.DidOpenTextDocumentParams(text_document=item))

    async def lenses(self) -> list[types.CodeLens]:
        """Those of the document, as the server gives them."""
        found = await self._client.text_document_code_lens_async(types.CodeLensParams(text_document=self._document))
        return list(found or ())

    async def execute(self, command: types.Command, **more: Any) -> dict[str, Any]:
        """Run a lens's command. `more` goes into its argument."""
        arguments: list[Any] = [dict(argument or {}, **more) for argument in command.arguments or ()]
        params = types.ExecuteCommandParams(command=command.command, arguments=arguments)
        result: Any = await self._client.workspace_execute_command_async(params)
        return dict(result)

    async def progress_end(self) -> str:
        """Wait for the end of the progress bar; returns the run's status."""
        return await self._until(lambda: self._ended)

    async def diagnostic(self, code: str) -> types.Diagnostic:
        """Wait for one."""

        def found() -> types.Diagnostic | None:
            return next((one for one in self._diagnostics if one.code == code), None)

        return await self._until(found)

    async def actions(self, diagnostic: types.Diagnostic) -> list[types.CodeAction]:
        """What is offered for a diagnostic, the preferred action first."""
        found = await self._client.text_document_code_action_async(
            types.CodeActionParams(
                text_document=self._document,
                range=diagnostic.range,
                context=types.CodeActionContext(diagnostics=[diagnostic]),
            )
        )
        actions = [action for action in found or () if isinstance(action, types.CodeAction)]
        return sorted(actions, key=lambda action: not action.is_preferred)

    async def request(self, method: str, params: Wire, answer: type[T]) -> T:
        """One of tunesmith's own."""
        result = await self._client.protocol.send_request_async(method, msgspec.to_builtins(params))
        return msgspec.convert(result, answer)

    async def preview(self, action: types.CodeAction, root: Path) -> str:
        """What an action would do, as a unified diff; files it creates as one line each."""
        if action.command is not None:
            return await self._preview_command(action.command)
        resolved = await self._client.code_action_resolve_async(action)
        shown = ""
        name = self._document.uri.removeprefix(root.as_uri()).lstrip("/")
        for change in (resolved.edit and resolved.edit.document_changes) or ():
            if isinstance(change, types.TextDocumentEdit) and change.text_document.uri == self._document.uri:
                after = _edited(self._text, change.edits)
                lines = difflib.unified_diff(
                    self._text.splitlines(), after.splitlines(), f"a/{name}", f"b/{name}", lineterm=""
                )
                shown += "".join(f"{line}\n" for line in lines)
            elif isinstance(change, types.CreateFile):
                shown += f"new file: {change.uri.removeprefix(root.as_uri()).lstrip('/')}\n"
        return shown

    async def _preview_command(self, command: types.Command) -> str:
        """Of an action the server carries out, because no edit of an editor's copies a model."""
        [choice, *_] = [dict(argument or {}) for argument in command.arguments or ()]
        params = ApplyParams(
            root=choice["root"], run_id=choice["run_id"], form=choice["form"], predictor=choice.get("predictor")
        )
        return (await self.request("tunesmith/apply", params, ApplyResult)).diff

    def wake(self) -> None:
        """Something happened beside a message."""
        self._news.set()

    async def _until(self, look: Callable[[], Found | None]) -> Found:
        """Wait for messages until `look` gives something. Raises `ConnectionError` where no more can come."""
        while not (found := look()):
            if self._client.stopped:
                raise ConnectionError("the language server ended before its run did")
            self._news.clear()
            await self._news.wait()
        return found

    def _take_diagnostics(self, params: types.PublishDiagnosticsParams) -> None:
        if params.uri == self._document.uri:
            self._diagnostics = list(params.diagnostics)
            self._news.set()

    def _take_progress(self, params: types.ProgressParams) -> None:
        match params.value:
            case {"kind": "report", "message": str(message), "percentage": int(percentage)}:
                self._show_progress(message, percentage)
            case {"kind": "end", **rest}:
                self._ended = str(rest.get("message") or "finished")
                self._news.set()

    def _take_message(self, params: types.ShowMessageParams) -> None:
        self.messages.append(params.message)


@asynccontextmanager
async def open_editor(environment: Mapping[str, str], show_progress: ShowProgress) -> AsyncIterator[DemoEditor]:
    """An editor whose server is `tunesmith lsp` in the given environment. Leaves it the way editors do."""
    client = _Client("tunesmith-demo", "1", converter_factory=_plain_results)
    editor = DemoEditor(client, show_progress)
    client.on_exit = editor.wake
    await client.start_io(sys.executable, "-m", "tunesmith.server.serve_editor", env=dict(environment))
    try:
        yield editor
        await client.shutdown_async(None)
    finally:
        client.exit(None)
        await client.stop()  # type: ignore[no-untyped-call]


def _plain_results() -> Converter:
    """pygls makes named tuples of results it has no type for, and renames keys that are no Python names; lsprotocol
    takes a code action that has a command for a command."""
    converter: Converter = default_converter()  # type: ignore[no-untyped-call]
    converter.register_structure_hook(JsonRPCResponseMessage, lambda message, kind: kind(**message))

    def action(found: Any, _: Any) -> Any:
        kind = types.Command if isinstance(found.get("command"), str) else types.CodeAction
        return converter.structure(found, kind)

    converter.register_structure_hook(Union[types.Command, types.CodeAction], action)  # noqa: UP007 (as lsprotocol does)
    return converter


class _Client(LanguageClient):
    on_exit: Callable[[], None]

    async def server_exit(self, server: asyncio.subprocess.Process) -> None:
        asyncio.get_running_loop().call_soon(self.on_exit)


def _as_function(method: Callable[[Any], None]) -> Callable[[Any], None]:
    """pygls writes attributes onto what it registers, which a bound method does not allow."""
    return lambda params: method(params)


def _agree(params: Any) -> None:
    """Requests that need no more than an answer."""


def _edited(text: str, edits: Any) -> str:
    lines = LineTable(text, types.PositionEncodingKind.Utf16)
    for edit in sorted(edits, key=lambda edit: lines.offset(edit.range.start), reverse=True):
        text = text[: lines.offset(edit.range.start)] + edit.new_text + text[lines.offset(edit.range.end) :]
    return text
