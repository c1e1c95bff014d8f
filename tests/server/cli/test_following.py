"""Following a run: what is shown, when it ends, and what Ctrl-C does."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tunesmith.protocol import EventRecord, Progressed, RunEvent, RunStatus, RunSummary, StatusChanged, Totals, Wire
from tunesmith.protocol.session_messages import RunDetail, RunStarted
from tunesmith.server.cli.following import follow_run, last_rest
from tunesmith.server.client.daemon_client import Notification
from tunesmith.server.client.errors import DaemonLost

STARTED = RunStarted(run_id="r1", run_dir="nowhere")


class Client:
    """The part of `DaemonClient` that following needs. Tells one event after the other, and what `on` a method does."""

    def __init__(self, *events: RunEvent | str) -> None:
        self.asked: list[str] = []
        self.told: asyncio.Queue[Notification | None] = asyncio.Queue()
        self._count = 0
        for event in events:
            self.tell(event)

    def tell(self, event: RunEvent | str, run_id: str = "r1") -> None:
        """A text is a daemon that goes away."""
        self._count += 1
        if isinstance(event, str):
            self.told.put_nowait(None)
            return
        record = EventRecord(seq=self._count, time=0.0, event=event)
        params = msgspec.to_builtins({"root": "/", "run_id": run_id, "record": record})
        self.told.put_nowait(Notification(method="tunesmith/runEvent", params=params))

    async def request(self, method: str, params: Wire) -> Any:
        self.asked.append(method)
        if method == "tunesmith/showRun":
            return DETAIL
        return None

    async def notifications(self) -> AsyncIterator[Notification]:
        while (notification := await self.told.get()) is not None:
            yield notification


class View:
    """Remembers what it was told; presses Ctrl-C at a status or note."""

    def __init__(self, *press_at: str) -> None:
        self.seen: list[str] = []
        self.press_at = press_at

    def begin(self, run: RunStarted) -> None:
        self.seen.append(f"begin {run.run_id}")

    def show(self, record: EventRecord) -> None:
        event = record.event
        self._see(event.status if isinstance(event, StatusChanged) else type(event).__name__)

    def show_totals(self, totals: Totals) -> None:
        raise AssertionError("there is no store to read")

    def note(self, message: str) -> None:
        self._see(message.split()[0])

    def end(self) -> None:
        self.seen.append("end")

    def _see(self, what: str) -> None:
        self.seen.append(what)
        if what in self.press_at:
            os.kill(os.getpid(), signal.SIGINT)


DETAIL = RunDetail(
    summary=RunSummary(
        run_id="r1",
        run_dir="nowhere",
        target="t",
        optimizer="evaluate",
        status="finished",
        created=0.0,
        progress="",
        report=None,
        error=None,
    ),
    artifact=None,
    candidates=[],
    events=[],
    rollouts=[],
    calls=[],
)

PROGRESS = Progressed(phase="scoring", done=1, total=2)


def status(name: RunStatus) -> StatusChanged:
    return StatusChanged(status=name)


async def follow(client: Client, view: View) -> RunDetail | None:
    return await follow_run(client, Path("/"), STARTED, view)  # type: ignore[arg-type]


@pytest.mark.parametrize("last", ["finished", "failed", "cancelled", "interrupted", "needs credentials"])
async def test_ends_where_the_run_rests(last: RunStatus) -> None:
    client, view = Client(status("running"), PROGRESS, status(last), PROGRESS), View()
    assert await follow(client, view) is DETAIL
    assert view.seen == ["begin r1", "running", "Progressed", last, "end"]
    assert client.asked == ["tunesmith/watchRun", "tunesmith/showRun"]


async def test_other_runs_are_not_shown() -> None:
    client, view = Client(), View()
    client.tell(status("failed"), run_id="r2")
    client.tell(status("finished"))
    await follow(client, view)
    assert view.seen == ["begin r1", "finished", "end"]


async def test_daemon_goes_away() -> None:
    view = View()
    with pytest.raises(DaemonLost, match="can be resumed"):
        await follow(Client(status("running"), "gone"), view)
    assert view.seen[-1] == "end"


class Cancellable(Client):
    """Ends a run that it is asked to cancel."""

    async def request(self, method: str, params: Wire) -> Any:
        if method == "tunesmith/cancelRun":
            self.tell(status("cancelled"))
        return await super().request(method, params)


async def test_first_interrupt_cancels() -> None:
    client, view = Cancellable(status("running")), View("running")
    assert await follow(client, view) is DETAIL
    assert client.asked == ["tunesmith/watchRun", "tunesmith/cancelRun", "tunesmith/showRun"]
    assert view.seen == ["begin r1", "running", "Stopping", "cancelled", "end"]


async def test_second_interrupt_leaves() -> None:
    client, view = Client(status("running")), View("running", "Stopping")
    assert await follow(client, view) is None
    assert client.asked == ["tunesmith/watchRun", "tunesmith/cancelRun"]
    assert view.seen == ["begin r1", "running", "Stopping", "end"]


async def test_interrupts_are_python_s_own_again() -> None:
    before = signal.getsignal(signal.SIGINT)
    await follow(Client(status("finished")), View())
    assert signal.getsignal(signal.SIGINT) is before


def test_last_rest() -> None:
    def record(seq: int, event: RunEvent) -> EventRecord:
        return EventRecord(seq=seq, time=0.0, event=event)

    first = [record(1, status("queued")), record(2, status("running")), record(3, PROGRESS)]
    assert last_rest(first) == 0
    assert last_rest([*first, record(4, status("cancelled")), record(5, status("queued")), record(6, PROGRESS)]) == 4
