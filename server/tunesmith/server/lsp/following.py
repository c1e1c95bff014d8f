"""The runs a session watches: their events go to its client, their progress onto its screen."""

import contextlib
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, Protocol

from pygls.progress import Progress

from tunesmith.protocol import RESTING_STATUSES, BatchClosed, EventRecord, RunStatus, StatusChanged, as_progress
from tunesmith.protocol.session_messages import RunEventParams, RunRef, ShowRun, WatchRun
from tunesmith.server.errors import ServerError
from tunesmith.server.lsp.abilities import Abilities
from tunesmith.server.lsp.progress import RunProgress
from tunesmith.server.lsp.refresh import PROGRESS_SECONDS, Refresh
from tunesmith.server.lsp.shared_state import SharedState
from tunesmith.server.text import MessageLevel, describe_end


class Session(Protocol):
    """What following runs needs of its session (`server.TunesmithServer`)."""

    daemon: SharedState
    abilities: Abilities
    refresh: Refresh

    @property
    def work_done_progress(self) -> Progress:
        """Its client's progress bars."""

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Run something beside the requests, until the session ends."""

    def send_event(self, params: RunEventParams) -> None:
        """To a client that watches the run."""

    def show_message(self, level: MessageLevel, message: str) -> None:
        """For what needs the user."""


class Following:
    """A session's runs: those it watches and those whose progress it shows."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._watched: dict[str, int] = {}
        """Run id → the last event sent."""
        self._shown: dict[str, RunProgress] = {}

    def watch(self, params: WatchRun) -> None:
        """Send the events there are, and from now on those that come. Raises `RunUnknown`, `RunUnreadable`."""
        root = Path(params.root)
        self._watched[params.run_id] = params.after
        for record in self._session.daemon.runs.events(root, params.run_id, params.after):
            self._send(root, params.run_id, record)

    async def show(self, run: RunRef, title: str) -> None:
        """Show a run's progress until it rests, where the client can; then say how it ended."""
        progress = RunProgress(
            self._session.work_done_progress, title, on_cancel=lambda: self._session.spawn(self._cancel(run))
        )
        self._shown[run.run_id] = progress
        if self._session.abilities.progress:
            await progress.begin()
        # It may have ended while the client was asked.
        past = self._session.daemon.runs.events(Path(run.root), run.run_id, 0)
        if past and (status := _last_status(past)) in RESTING_STATUSES:
            self._rest(run, status)

    def take(self, root: Path, run_id: str, record: EventRecord) -> None:
        """An event of any run of the daemon's, as it was committed."""
        if run_id in self._watched:
            self._send(root, run_id, record)
        progress = self._shown.get(run_id)
        event = record.event
        if (moved := as_progress(event)) is not None:
            if progress is not None:
                progress.report(moved)
            self._session.refresh.everything(PROGRESS_SECONDS)
        elif isinstance(event, BatchClosed):
            if progress is not None:
                progress.report_batch(event)
        elif isinstance(event, StatusChanged):
            if progress is not None and event.status in RESTING_STATUSES:
                self._rest(RunRef(root=str(root), run_id=run_id), event.status)
            self._session.refresh.everything()

    def stop(self) -> None:
        """The session ends: its bars go, the runs do not."""
        for progress in self._shown.values():
            progress.end()
        self._shown.clear()
        self._watched.clear()

    def _send(self, root: Path, run_id: str, record: EventRecord) -> None:
        if record.seq <= self._watched[run_id]:
            return
        self._watched[run_id] = record.seq
        self._session.send_event(RunEventParams(root=str(root), run_id=run_id, record=record))

    def _rest(self, run: RunRef, status: RunStatus | None) -> None:
        progress = self._shown.pop(run.run_id, None)
        if progress is None:
            return
        progress.end(status)
        try:
            summary = self._session.daemon.runs.show(ShowRun(root=run.root, run_id=run.run_id)).summary
        except ServerError:
            return
        end = describe_end(summary)
        if end is not None:
            self._session.show_message(*end)

    async def _cancel(self, run: RunRef) -> None:
        with contextlib.suppress(ServerError):  # it ended just now
            await self._session.daemon.runs.cancel(run)


def _last_status(records: list[EventRecord]) -> RunStatus | None:
    return next((one.event.status for one in reversed(records) if isinstance(one.event, StatusChanged)), None)
