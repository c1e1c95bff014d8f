"""What all connections share: the workspaces, the runs, and the daemon's own life."""

import asyncio
import contextlib
import logging
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Self

from tunesmith.protocol import DaemonStatus
from tunesmith.server.runs import RunService
from tunesmith.server.sessions.folders import Folders
from tunesmith.server.sessions.version import PROTOCOL, VERSION

if TYPE_CHECKING:
    from tunesmith.server.sessions.server import TunesmithServer

log = logging.getLogger(__name__)


class Daemon:
    """Use as an async context manager: runs are served inside it, and brought to a soft stop at its end."""

    def __init__(self, *, state_dir: Path, socket: Path | None, log: Path) -> None:
        self.folders = Folders(self._refreshed)
        self.runs = RunService(self.folders.known, state_dir)
        self.stopped = asyncio.Event()
        """Set once the daemon is to end."""
        self._sessions: set[TunesmithServer] = set()
        self._socket = socket
        self._log = log
        self._started = time.monotonic()

    async def __aenter__(self) -> Self:
        self._tasks = [asyncio.create_task(self.runs.serve()), asyncio.create_task(self._spread_events())]
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.runs.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def stop(self) -> None:
        """End soon: runs commit what is in flight and can be resumed."""
        self.stopped.set()

    @contextmanager
    def session(self, server: "TunesmithServer") -> Iterator[None]:
        self._sessions.add(server)
        try:
            yield
        finally:
            self._sessions.discard(server)

    def is_busy(self) -> bool:
        """Somebody is connected, or a run is going or waiting its turn."""
        status = self.status()
        return bool(status.sessions or status.running or status.queued)

    def status(self) -> DaemonStatus:
        return DaemonStatus(
            pid=os.getpid(),
            version=VERSION,
            protocol=PROTOCOL,
            seconds=time.monotonic() - self._started,
            socket=str(self._socket) if self._socket else None,
            log=str(self._log),
            sessions=len(self._sessions),
            running=self.runs.running,
            queued=self.runs.queued,
        )
