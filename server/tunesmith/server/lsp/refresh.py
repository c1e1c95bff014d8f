"""When a client is shown what changed: a moment after the last of several causes."""

import asyncio
from collections.abc import Callable
from pathlib import Path

TYPING_SECONDS = 0.15
"""Diagnostics are pushed so long after the last keystroke."""
CHANGE_SECONDS = 0.3
"""Lenses, hints and diagnostics are asked for anew so long after a run or the index changed."""
PROGRESS_SECONDS = 2.0
"""And lenses so long after a run's progress did."""


class Refresh:
    """A session's two slots: one of documents that changed, one of everything."""

    def __init__(self, show_documents: Callable[[set[Path]], None], show_everything: Callable[[], None]) -> None:
        self._show_documents = show_documents
        self._show_everything = show_everything
        self._changed: set[Path] = set()
        self._typing: asyncio.TimerHandle | None = None
        self._everything: asyncio.TimerHandle | None = None

    def document(self, path: Path) -> None:
        """A document changed: show it `TYPING_SECONDS` after its last change."""
        self._changed.add(path)
        if self._typing is not None:
            self._typing.cancel()
        self._typing = asyncio.get_running_loop().call_later(TYPING_SECONDS, self._end_typing)

    def everything(self, seconds: float = CHANGE_SECONDS) -> None:
        """A run or the index changed: every open document may look different, within so many seconds."""
        loop = asyncio.get_running_loop()
        if self._everything is not None:
            if self._everything.when() <= loop.time() + seconds:
                return
            self._everything.cancel()
        self._everything = loop.call_later(seconds, self._end_waiting)

    def stop(self) -> None:
        """Show nothing any more."""
        for timer in (self._typing, self._everything):
            if timer is not None:
                timer.cancel()

    def _end_typing(self) -> None:
        self._typing = None
        changed, self._changed = self._changed, set()
        self._show_documents(changed)

    def _end_waiting(self) -> None:
        self._everything = None
        self._show_everything()
