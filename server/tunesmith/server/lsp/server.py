"""The language server of one connection: what pygls needs, and what the handlers share."""

import asyncio
import logging
import traceback
from collections.abc import Callable, Coroutine, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
from lsprotocol import types
from pygls.lsp.server import LanguageServer

from tunesmith.protocol import EventRecord
from tunesmith.protocol.session_messages import RunEventParams, RunRef, RunStarted, StartRun
from tunesmith.server.client import VERSION
from tunesmith.server.lsp.abilities import Abilities
from tunesmith.server.lsp.documents import Documents, file_path
from tunesmith.server.lsp.following import Following
from tunesmith.server.lsp.line_table import LineTable
from tunesmith.server.lsp.refresh import Refresh
from tunesmith.server.lsp.rpc import SessionProtocol, plain_converter
from tunesmith.server.lsp.shared_state import SharedState
from tunesmith.server.offers import Snapshot
from tunesmith.server.text import MessageLevel
from tunesmith.server.workspace import Workspace, canonical, root_of

log = logging.getLogger(__name__)


CONFIGURATION = "pyproject.toml"
MESSAGE_TYPES: dict[MessageLevel, types.MessageType] = {
    "error": types.MessageType.Error,
    "warning": types.MessageType.Warning,
    "info": types.MessageType.Info,
}


class ClientFile(NamedTuple):
    """A file of a workspace as this client sees it; the index holds the same text."""

    workspace: Workspace
    root: Path
    path: str
    """Relative to the root, with forward slashes."""
    uri: str
    version: int | None
    """None where the client has not opened it."""
    lines: LineTable


class TunesmithServer(LanguageServer):
    """One client's session. It ends with its connection; the daemon's workspaces and runs go on."""

    protocol: SessionProtocol

    daemon: SharedState
    environment: Mapping[str, str]
    """The client's, for the runs it asks for. In memory only."""
    trusted: bool
    """Whether the workspace's code may be run for this client."""
    roots: list[Path]
    """The client's folders, canonical."""
    abilities: Abilities
    documents: Documents
    refresh: Refresh
    """Set where the server is built, together with what it shows."""

    def __init__(self, daemon: SharedState, environment: Mapping[str, str]) -> None:
        """Without handlers (`routes.build_server` adds them). `environment` is the client's."""
        super().__init__("tunesmith", VERSION, protocol_cls=SessionProtocol, converter_factory=plain_converter)
        self.protocol.on_exit = self.leave
        self.daemon = daemon
        self.environment = environment
        self.trusted = True
        self.roots = []
        self.abilities = Abilities()
        self.documents = Documents()
        self.following = Following(self)
        self._tasks: set[asyncio.Task[None]] = set()
        self._on_leave: list[Callable[[], None]] = []

    def root_of(self, file: Path) -> Path:
        """The client's folder a file lies in, the innermost; else a root of its own."""
        around = [root for root in self.roots if file.is_relative_to(root)]
        return max(around, key=lambda root: len(root.parts), default=None) or root_of(file)

    async def locate(self, uri: str) -> ClientFile | None:
        """The file of a document, once its workspace is indexed. None for what is neither Python nor configuration."""
        path = file_path(uri)
        if path is None or not (path.suffix == ".py" or path.name == CONFIGURATION):
            return None
        root = self.root_of(path)
        return self.file_at(await self.daemon.folders.workspace(root), root, path.relative_to(root).as_posix())

    def snapshot(self, workspace: Workspace) -> Snapshot:
        """What a request reads, as it is now: one look at the configuration, the runs and what the code loads."""
        here = workspace.snapshot()
        return Snapshot.of(here, self.daemon.runs.snapshot(workspace.root), self.daemon.artifacts.read(here))

    def file_at(self, workspace: Workspace, root: Path, path: str) -> ClientFile | None:
        """A file by its path in a workspace. None where it is neither open nor indexed."""
        document = self.documents.of_path(root / path)
        if document is not None:
            # Here rather than on every change: several clients may have the file open, with different texts.
            if path.endswith(".py") and workspace.index.view.text(path) != document.text:
                workspace.index.update(path, document.text)
            return ClientFile(workspace, root, path, document.uri, document.version, document.lines)
        text = workspace.index.view.text(path)
        if text is None:
            return None
        return ClientFile(workspace, root, path, (root / path).as_uri(), None, LineTable(text, self.documents.encoding))

    async def start_run(self, order: StartRun) -> RunStarted:
        """For this client. Raises what `RunService.start` raises."""
        async with self.daemon.folders.holding(canonical(order.root)):
            return await self.daemon.runs.start(order, self.environment, trusted=self.trusted)

    async def resume_run(self, run: RunRef) -> RunStarted:
        """For this client. Raises what `RunService.resume` raises."""
        async with self.daemon.folders.holding(canonical(run.root)):
            return await self.daemon.runs.resume(run, self.environment, trusted=self.trusted)

    async def forget(self, path: Path) -> None:
        """The disk counts again for a document that was closed."""
        root = self.root_of(path)
        workspace = await self.daemon.folders.workspace(root)
        if self.documents.of_path(path) is None:
            workspace.index.restore(path.relative_to(root).as_posix())

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Run something beside the requests. It is cancelled with the session; its errors are logged."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._finish)

    def _finish(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("background work of a session failed", exc_info=error)

    def on_leave(self, act: Callable[[], None]) -> None:
        """Have `act` called when the session is to end."""
        self._on_leave.append(act)

    def leave(self) -> None:
        """End the session: the client said `exit`, or the daemon stops."""
        for act in self._on_leave:
            act()

    async def end(self) -> None:
        """Let go of everything the session had going. Runs it asked for go on."""
        self.refresh.stop()
        self.following.stop()
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for document in self.documents.close_all():
            await self.forget(document.path)

    def report_server_error(self, error: Exception, source: Any) -> None:
        """Logged without a message's content, and never a popup: a client's broken message is no user's business."""
        frames = traceback.extract_tb(error.__traceback__)
        where = f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
        log.warning("a message could not be handled: %s%s", type(error).__name__, where)

    def report_event(self, root: Path, run_id: str, record: EventRecord) -> None:
        """An event of any run of the daemon's, as it was committed."""
        self.following.take(root, run_id, record)

    def report_change(self) -> None:
        """The index of one of the client's folders changed."""
        self.refresh.everything()

    def send_event(self, params: RunEventParams) -> None:
        """To a client that watches the run."""
        self.protocol.notify("tunesmith/runEvent", msgspec.to_builtins(params))

    def show_message(self, level: MessageLevel, message: str) -> None:
        """Only for what needs the user."""
        self.window_show_message(types.ShowMessageParams(type=MESSAGE_TYPES[level], message=message))
