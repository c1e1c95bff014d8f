"""Showing a client what changed: diagnostics, lenses and hints, a moment after the last of several causes."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pygls.exceptions import JsonRpcException

if TYPE_CHECKING:
    from tunesmith.server.lsp.server import TunesmithServer

TYPING_SECONDS = 0.15
"""Diagnostics are pushed so long after the last keystroke."""
CHANGE_SECONDS = 0.3
"""Lenses, hints and diagnostics are asked for anew so long after a run or the index changed."""
PROGRESS_SECONDS = 2.0
"""And lenses so long after a run's progress did."""


class Refresh:
    """The session's two slots: one of documents to diagnose, one of everything."""

    def __init__(self, server: "TunesmithServer") -> None:
        self._server = server
        self.publish: Callable[[Path], Coroutine[Any, Any, None]]
        """Pushes a document's diagnostics; set where the server is built."""
        self._changed: set[Path] = set()
        self._typing: asyncio.TimerHandle | None = None
        self._everything: asyncio.TimerHandle | None = None

    def document(self, path: Path) -> None:
        """A document changed. Clients that pull ask by themselves."""
        if self._server.abilities.pull_diagnostics:
            return
        self._changed.add(path)
        if self._typing is not None:
            self._typing.cancel()
        self._typing = asyncio.get_running_loop().call_later(TYPING_SECONDS, self._diagnose)

    def everything(self, seconds: float = CHANGE_SECONDS) -> None:
        """A run or the index changed: every open document may look different."""
        loop = asyncio.get_running_loop()
        if self._everything is not None:
            if self._everything.when() <= loop.time() + seconds:
                return
            self._everything.cancel()
        self._everything = loop.call_later(seconds, self._refresh)

    def stop(self) -> None:
        for timer in (self._typing, self._everything):
            if timer is not None:
                timer.cancel()

    def _diagnose(self) -> None:
        self._typing = None
        changed, self._changed = self._changed, set()
        for path in changed:
            self._server.spawn(self.publish(path))

    def _refresh(self) -> None:
        self._everything = None
        abilities = self._server.abilities
        if abilities.code_lens_refresh:
            self._server.spawn(_ask(self._server.workspace_code_lens_refresh_async(None)))
        if abilities.inlay_hint_refresh:
            self._server.spawn(_ask(self._server.workspace_inlay_hint_refresh_async(None)))
        if not abilities.pull_diagnostics:
            for document in self._server.documents:
                self._server.spawn(self.publish(document.path))
        elif abilities.diagnostic_refresh:
            self._server.spawn(_ask(self._server.workspace_diagnostic_refresh_async(None)))


async def _ask(request: Awaitable[None]) -> None:
    """Shielded: pygls fails on the answer to a request whose waiter was cancelled."""
    with contextlib.suppress(JsonRpcException):
        await asyncio.shield(request)
