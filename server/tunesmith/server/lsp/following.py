"""The runs a session watches: their events go to its client, their progress onto its screen."""

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from tunesmith.protocol import RESTING_STATUSES, BatchClosed, EventRecord, RunStatus, StatusChanged, as_progress
from tunesmith.protocol.session_messages import RunEventParams, RunRef, ShowRun, WatchRun
from tunesmith.server.errors import ServerError
from tunesmith.server.lsp.progress import RunProgress
from tunesmith.server.lsp.refresh import PROGRESS_SECONDS
from tunesmith.server.text import describe_end

if TYPE_CHECKING:
    from tunesmith.server.lsp.server import TunesmithServer


class Following:
    def __init__(self, server: "TunesmithServer") -> None:
        self._server = server
        self._watched: dict[str, int] = {}
        """Run id → the last event sent."""
        self._shown: dict[str, RunProgress] = {}

    def watch(self, params: WatchRun) -> None:
        """Send the events there are, and from now on those that come. Raises `RunUnknown`, `RunUnreadable`."""
        root = Path(params.root)
        self._watched[params.run_id] = params.after
        for record in self._server.daemon.runs.events(root, params.run_id, params.after):
            self._send(root, params.run_id, record)

    async def show(self, run: RunRef, title: str) -> None:
        """Show a run's progress until it rests, where the client can; then say how it ended."""
        progress = RunProgress(self._server, title, on_cancel=lambda: self._server.spawn(self._cancel(run)))
        self._shown[run.run_id] = progress
        if self._server.abilities.progress:
            await progress.begin()
        # It may have ended while the client was asked.
        past = self._server.daemon.runs.events(Path(run.root), run.run_id, 0)
        if past and (status := _last_status(past)) in RESTING_STATUSES:
            self._rest(run, status)

    def hear(self, root: Path, run_id: str, record: EventRecord) -> None:
        """An event of any run of the daemon's, as it was committed."""
        if run_id in self._watched:
            self._send(root, run_id, record)
        progress = self._shown.get(run_id)
        event = record.event
        if (told := as_progress(event)) is not None:
            if progress is not None:
                progress.report(told)
            self._server.refresh.everything(PROGRESS_SECONDS)
        elif isinstance(event, BatchClosed):
            if progress is not None:
                progress.report_batch(event)
        elif isinstance(event, StatusChanged):
            if progress is not None and event.status in RESTING_STATUSES:
                self._rest(RunRef(root=str(root), run_id=run_id), event.status)
            self._server.refresh.everything()

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
        params = RunEventParams(root=str(root), run_id=run_id, record=record)
        self._server.protocol.notify("tunesmith/runEvent", msgspec.to_builtins(params))

    def _rest(self, run: RunRef, status: RunStatus | None) -> None:
        progress = self._shown.pop(run.run_id, None)
        if progress is None:
            return
        progress.end(status)
        try:
            summary = self._server.daemon.runs.show(ShowRun(root=run.root, run_id=run.run_id)).summary
        except ServerError:
            return
        end = describe_end(summary)
        if end is not None:
            self._server.tell(*end)

    async def _cancel(self, run: RunRef) -> None:
        with contextlib.suppress(ServerError):  # it ended just now
            await self._server.daemon.runs.cancel(run)


def _last_status(records: list[EventRecord]) -> RunStatus | None:
    return next((one.event.status for one in reversed(records) if isinstance(one.event, StatusChanged)), None)
