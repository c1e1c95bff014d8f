"""What all connections share: the workspaces, the runs, and the daemon's own life."""

import asyncio
import os
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager
from pathlib import Path
from typing import Protocol, Self

import anyio

from tunesmith.protocol import EventRecord
from tunesmith.protocol.session_messages import DaemonStatus
from tunesmith.server.artifacts import ArtifactReader
from tunesmith.server.client import PROTOCOL, VERSION
from tunesmith.server.runs import RunService
from tunesmith.server.workspace import Folders, canonical


class Session(Protocol):
    """A connection's session, as what the daemon reports to (`lsp.TunesmithServer` is one)."""

    @property
    def roots(self) -> list[Path]:
        """The client's folders, canonical."""

    def report_event(self, root: Path, run_id: str, record: EventRecord) -> None:
        """An event of any run of the daemon's, as it was committed."""

    def report_change(self) -> None:
        """The index of one of its roots changed."""


class Daemon:
    """Workspaces, artifacts and runs (`lsp.SharedState`), and the sessions that hear of them.

    Use as an async context manager: runs are served inside it, and brought to a soft stop at its end.
    """

    def __init__(self, *, state_dir: Path, queue_dir: Path, socket: Path | None, log: Path) -> None:
        """`queue_dir` belongs to this daemon alone; `state_dir` holds what all of the user's share.

        `socket` and `log` are only shown in the status; `socket` None: it listens nowhere.
        """
        self.folders = Folders(self._report_change)
        self.artifacts = ArtifactReader()
        self.runs = RunService(lambda root: self.folders.known(canonical(root)), state_dir, queue_dir=queue_dir)
        self.stopped = asyncio.Event()
        """Set once the daemon is to end."""
        self._sessions: set[Session] = set()
        self._socket = socket
        self._log = log
        self._started = time.monotonic()
        self._life = AsyncExitStack()

    async def __aenter__(self) -> Self:
        """Raises `StateOwned` where another daemon has the queue, `StateUnwritable` where it cannot be written."""
        try:
            async with AsyncExitStack() as life:
                serving = await life.enter_async_context(anyio.create_task_group())
                await serving.start(self.runs.serve)
                life.push_async_callback(self.runs.close)
                life.callback(self.runs.watch(self._report_event))
                self._life = life.pop_all()
        except ExceptionGroup as refusal:
            raise refusal.exceptions[0] from None  # the group is the task group's, not the service's
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._life.aclose()

    def stop(self) -> None:
        """End soon: runs commit what is in flight and can be resumed."""
        self.stopped.set()

    @contextmanager
    def session(self, session: Session) -> Iterator[None]:
        """Report to a session until the block ends; a daemon with a session is busy."""
        self._sessions.add(session)
        try:
            yield
        finally:
            self._sessions.discard(session)

    def is_busy(self) -> bool:
        """Somebody is connected, or a run is going or waiting its turn."""
        return bool(self._sessions) or self.runs.is_busy

    def _report_event(self, root: Path, run_id: str, record: EventRecord) -> None:
        for session in tuple(self._sessions):
            session.report_event(root, run_id, record)

    def _report_change(self, root: Path) -> None:
        for session in self._sessions:
            if root in session.roots:
                session.report_change()

    def status(self) -> DaemonStatus:
        """What `tunesmith daemon status` shows; seconds since it began."""
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
