"""`kill -9` of the daemon at ten random moments of a run: it finishes, and no committed call is made again."""

import os
import random
import signal
from pathlib import Path

import msgspec
import pytest
from e2e.bank_workspace import Bank

from tunesmith.protocol import Progressed, StatusChanged
from tunesmith.protocol.session_messages import (
    RunDetail,
    RunEventParams,
    RunRef,
    RunStarted,
    ShowRun,
    StartRun,
    WatchRun,
)
from tunesmith.protocol.store import open_reader
from tunesmith.server.client import DaemonClient
from tunesmith.server.sessions import control
from tunesmith.server.sessions.following import RESTING

KILLS = 10
THREADS = 2


@pytest.mark.faults
@pytest.mark.timeout(600)
@pytest.mark.usefixtures("machine")
async def test_kill_and_resume(bank: Bank) -> None:
    moments = random.Random(7)
    bank.slow_down(0.02)
    root = str(bank.root)
    async with DaemonClient.connect() as client:
        order = StartRun(root=root, target="triage", optimizer="bootstrap-fewshot", threads=THREADS)
        started: RunStarted = await client.request("tunesmith/startRun", order)
        run = RunRef(root=root, run_id=started.run_id)
        ended = await kill_after(client, run, moments.randint(1, 8), seen=0)
    kills = 1
    while not ended:
        async with DaemonClient.connect() as client:
            seen = len(await events(client, run))
            await client.request("tunesmith/resumeRun", run)
            if kills < KILLS:
                ended = await kill_after(client, run, moments.randint(1, 8), seen=seen)
                kills += not ended
            else:
                ended = await finish(client, run, seen=seen)
    async with DaemonClient.connect() as client:
        detail: RunDetail = await client.request("tunesmith/showRun", ShowRun(root=root, run_id=run.run_id))
    assert kills == KILLS
    assert detail.summary.status == "finished"
    assert detail.summary.report is not None
    assert detail.summary.report.gain is not None
    assert detail.summary.report.gain.verdict == "confirmed"
    with open_reader(Path(started.run_dir)) as store:
        committed = len(store.calls())
    assert committed <= bank.calls() <= committed + kills * THREADS


async def kill_after(client: DaemonClient, run: RunRef, progressed: int, *, seen: int) -> bool:
    """Kill the daemon when the run has told of progress so often; True where it rested before."""
    pid = (await control.status()).pid
    await client.request("tunesmith/watchRun", WatchRun(root=run.root, run_id=run.run_id, after=seen))
    async for notification in client.notifications():
        event = msgspec.convert(notification.params, RunEventParams).record.event
        if isinstance(event, StatusChanged) and event.status in RESTING:
            return True
        progressed -= isinstance(event, Progressed)
        if progressed == 0:
            os.kill(pid, signal.SIGKILL)
            return False
    raise AssertionError("the daemon went by itself")


async def finish(client: DaemonClient, run: RunRef, *, seen: int) -> bool:
    await client.request("tunesmith/watchRun", WatchRun(root=run.root, run_id=run.run_id, after=seen))
    async for notification in client.notifications():
        event = msgspec.convert(notification.params, RunEventParams).record.event
        if isinstance(event, StatusChanged) and event.status in RESTING:
            return True
    raise AssertionError("the daemon went by itself")


async def events(client: DaemonClient, run: RunRef) -> list[object]:
    detail: RunDetail = await client.request("tunesmith/showRun", ShowRun(root=run.root, run_id=run.run_id))
    return list(detail.events)
