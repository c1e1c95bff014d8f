"""`kill -9` of the daemon at ten random moments of a run: it finishes, and no committed call is made again."""

import asyncio
import contextlib
import os
import random
import signal
from pathlib import Path

import msgspec
import pytest

from support.workspaces.bank_workspace import Bank
from tunesmith.protocol import RESTING_STATUSES, StatusChanged
from tunesmith.protocol.session_messages import (
    Empty,
    RunDetail,
    RunEventParams,
    RunRef,
    RunStarted,
    ShowRun,
    StartRun,
    WatchRun,
)
from tunesmith.protocol.store import open_reader
from tunesmith.server.client.daemon_client import DaemonClient
from tunesmith.server.client.errors import DaemonLost

KILLS = 10
THREADS = 2


@pytest.mark.faults
@pytest.mark.timeout(600)
async def test_kill_and_resume(machine: dict[str, str], bank: Bank) -> None:
    moments = random.Random(7)
    killer = Killer()
    place = Path(machine["TUNESMITH_RUNTIME"]) / "model.sock"
    bank.ask_before_answering(place)
    async with await asyncio.start_unix_server(killer.answer, place):
        run, run_dir = await start(bank, killer, moments.randint(1, 3))
        detail = None
        while killer.kills < KILLS and detail is None:
            detail = await resume(run, killer, moments.randint(1, 3))
        detail = detail or await resume(run, killer, None)
    # A daemon takes up what the last one left: on a busy machine a run may end between two kills.
    assert killer.kills > KILLS // 2
    assert detail is not None
    assert detail.summary.status == "finished"
    assert detail.summary.report is not None
    assert detail.summary.report.gain is not None
    assert detail.summary.report.gain.verdict == "confirmed"
    with open_reader(run_dir) as store:
        committed = len(store.calls())
    assert bank.calls() == committed  # the worker outlives its daemon for the calls in flight


class Killer:
    """Answers for the model, and kills the daemon while a chosen call waits for its answer."""

    def __init__(self) -> None:
        self.kills = 0
        self._daemon = 0
        self._calls_left: int | None = None

    def aim(self, daemon: int, calls: int | None) -> None:
        """At the daemon, at its run's n-th call from now; None: at nobody."""
        self._daemon, self._calls_left = daemon, calls

    async def answer(self, _: asyncio.StreamReader, model: asyncio.StreamWriter) -> None:
        if self._calls_left is not None:
            self._calls_left -= 1
            if self._calls_left == 0:
                os.kill(self._daemon, signal.SIGKILL)
                self.kills += 1
        with contextlib.suppress(ConnectionError):
            model.write(b".")
            await model.drain()
        model.close()


async def start(bank: Bank, killer: Killer, calls: int) -> tuple[RunRef, Path]:
    async with DaemonClient.connect() as client:
        killer.aim((await client.request("tunesmith/status", Empty())).pid, calls)
        order = StartRun(root=str(bank.root), target="triage", optimizer="bootstrap-fewshot", threads=THREADS)
        started: RunStarted = await client.request("tunesmith/startRun", order)
        run = RunRef(root=order.root, run_id=started.run_id)
        await watch(client, run, seen=0)
    return run, Path(started.run_dir)


async def resume(run: RunRef, killer: Killer, calls: int | None) -> RunDetail | None:
    """With a new daemon. The run as it ended, None where the daemon did not live to see it."""
    async with DaemonClient.connect() as client:
        killer.aim((await client.request("tunesmith/status", Empty())).pid, calls)
        before = await show(client, run)
        if before.summary.status == "finished":
            return before
        seen = len(before.events)
        await client.request("tunesmith/resumeRun", run)
        return await show(client, run) if await watch(client, run, seen=seen) else None


async def show(client: DaemonClient, run: RunRef) -> RunDetail:
    detail: RunDetail = await client.request("tunesmith/showRun", ShowRun(root=run.root, run_id=run.run_id))
    return detail


async def watch(client: DaemonClient, run: RunRef, *, seen: int) -> bool:
    """True once the run rests, False when the daemon is gone."""
    try:
        await client.request("tunesmith/watchRun", WatchRun(root=run.root, run_id=run.run_id, after=seen))
    except DaemonLost:
        return False
    async for notification in client.notifications():
        event = msgspec.convert(notification.params, RunEventParams).record.event
        if isinstance(event, StatusChanged) and event.status in RESTING_STATUSES:
            return True
    return False
