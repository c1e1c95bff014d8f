"""The language server of one connection: what pygls needs, and what the handlers share."""

import asyncio
import logging
import traceback
from collections.abc import Callable, Coroutine, Mapping
from pathlib import Path
from typing import Any

from lsprotocol import types
from pygls.lsp.server import LanguageServer

from tunesmith.server.sessions.abilities import Abilities
from tunesmith.server.sessions.daemon import Daemon
from tunesmith.server.sessions.documents import Documents
from tunesmith.server.sessions.folders import root_of
from tunesmith.server.sessions.rpc import SessionProtocol, plain_converter
from tunesmith.server.sessions.version import VERSION

log = logging.getLogger(__name__)


class TunesmithServer(LanguageServer):
    """One client's session. It ends with its connection; the daemon's workspaces and runs go on."""

    daemon: Daemon
    environment: Mapping[str, str]
    """The client's, for the runs it asks for. In memory only."""
    trusted: bool
    """Whether the workspace's code may be run for this client."""
    roots: list[Path]
    """The client's folders, canonical."""
    abilities: Abilities
    documents: Documents

    def __init__(self, daemon: Daemon, environment: Mapping[str, str]) -> None:
        super().__init__("tunesmith", VERSION, protocol_cls=SessionProtocol, converter_factory=plain_converter)
        self.daemon = daemon
        self.environment = environment
        self.trusted = True
        self.roots = []
        self.abilities = Abilities()
        self.documents = Documents()
        self._tasks: set[asyncio.Task[None]] = set()
        self._on_leave: list[Callable[[], None]] = []

    def root_of(self, file: Path) -> Path:
        """The client's folder a file lies in, the innermost; else a root of its own."""
        around = [root for root in self.roots if file.is_relative_to(root)]
        return max(around, key=lambda root: len(root.parts), default=None) or root_of(file)

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
        self._on_leave.append(act)

    def leave(self) -> None:
        """End the session: the client said `exit`, or the daemon stops."""
        for act in self._on_leave:
            act()

    async def end(self) -> None:
        """Let go of everything the session had going."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def report_server_error(self, error: Exception, source: Any) -> None:
        """Logged without parameters, and never a popup: a client's broken message is no user's business."""
        frames = "".join(traceback.format_tb(error.__traceback__)[-3:])
        log.warning("%s (%s)\n%s", type(error).__name__, getattr(source, "__name__", source), frames)

    def tell(self, kind: types.MessageType, message: str) -> None:
        """Only for what needs the user."""
        self.window_show_message(types.ShowMessageParams(type=kind, message=message))
