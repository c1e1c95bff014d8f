"""Following a run to its end, what Ctrl-C means meanwhile, and saying how it ended."""

import asyncio
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import msgspec

from tunesmith.protocol import RESTING_STATUSES, EventRecord, StatusChanged, StoreUnreadable
from tunesmith.protocol.session_messages import RunDetail, RunEventParams, RunRef, RunStarted, ShowRun, WatchRun
from tunesmith.protocol.store import open_reader
from tunesmith.server.cli.errors import FINDINGS, OK
from tunesmith.server.client import DaemonClient, DaemonLost, log_file
from tunesmith.server.text import explain_missing_result
from tunesmith.server.views import (
    RunView,
    complain_of,
    demo_lines,
    finetune_lines,
    instruction_lines,
    print_json,
    print_lines,
    report_lines,
)

LEDGER_SECONDS = 1.0


async def follow_run(
    client: DaemonClient, root: Path, run: RunStarted, view: RunView, *, after: int = 0
) -> RunDetail | None:
    """Show the run until it rests, and return how it stands then; None where the user left before.

    `after` leaves out the first events: those of an attempt that a resume goes on with.

    The first Ctrl-C asks the run to stop, the second leaves it to the daemon. Raises `DaemonLost`, `DaemonRefused`.
    """
    view.begin(run)
    ledger = asyncio.create_task(_show_ledger(Path(run.run_dir), view))
    try:
        stayed = await _watch(client, root, run, view, after)
    finally:
        ledger.cancel()
        view.end()
    if not stayed:
        return None
    detail: RunDetail = await client.request("tunesmith/showRun", ShowRun(root=str(root), run_id=run.run_id))
    return detail


def last_rest(events: list[EventRecord]) -> int:
    """The number of the event that ended the last attempt; 0 where none has ended."""
    ends = (one.seq for one in events if isinstance(one.event, StatusChanged) and one.event.status in RESTING_STATUSES)
    return max(ends, default=0)


def report_end(detail: RunDetail, *, as_json: bool) -> int:
    """Print the report, for people or as the last line of JSON, or what went wrong where there is none.

    Returns the exit code.
    """
    summary = detail.summary
    if as_json:
        print_json(summary.report or {"error": explain_missing_result(summary), "run_id": summary.run_id})
    else:
        print_end(detail)
    return OK if summary.status == "finished" else FINDINGS


def print_end(detail: RunDetail) -> None:
    """For people: what went wrong, then the report with its choices."""
    report = detail.summary.report
    if report is None or detail.summary.error is not None:
        complain_of(explain_missing_result(detail.summary))
    if report is None:
        return
    lines = report_lines(report)
    if report.finetune is not None:
        lines += ["", *finetune_lines(report.finetune)]
    if detail.artifact is not None and detail.artifact.instructions:
        lines += ["", *instruction_lines(detail.artifact.instructions)]
    if detail.artifact is not None and detail.artifact.demos:
        lines += ["", *demo_lines(detail.artifact.demos)]
    print_lines(lines)


async def _watch(client: DaemonClient, root: Path, run: RunStarted, view: RunView, after: int) -> bool:
    """True once the run rests, False when the user leaves."""
    await client.request("tunesmith/watchRun", WatchRun(root=str(root), run_id=run.run_id, after=after))
    with _interrupts() as interrupts:
        resting = asyncio.create_task(_show_events(client, run, view))
        try:
            if await _first(resting, interrupts):
                return True
            view.note("Stopping after what is in flight; the best program so far is kept. Ctrl-C again to leave.")
            await client.request("tunesmith/cancelRun", RunRef(root=str(root), run_id=run.run_id))
            return await _first(resting, interrupts)
        finally:
            resting.cancel()


async def _first(resting: "asyncio.Task[None]", interrupts: "asyncio.Queue[None]") -> bool:
    """True where the run rests before the next Ctrl-C. Raises what following the run raises."""
    interrupt = asyncio.create_task(interrupts.get())
    await asyncio.wait({resting, interrupt}, return_when=asyncio.FIRST_COMPLETED)
    interrupt.cancel()
    if resting.done():
        resting.result()
    return resting.done()


async def _show_events(client: DaemonClient, run: RunStarted, view: RunView) -> None:
    async for notification in client.notifications():
        if notification.method != "tunesmith/runEvent":
            continue
        sent = msgspec.convert(notification.params, RunEventParams)
        if sent.run_id != run.run_id:
            continue
        view.show(sent.record)
        if isinstance(sent.record.event, StatusChanged) and sent.record.event.status in RESTING_STATUSES:
            return
    raise DaemonLost(log_file())


async def _show_ledger(run_dir: Path, view: RunView) -> None:
    """Events carry no costs: the ledger is the run's store, which anyone may read."""
    while True:
        with suppress(FileNotFoundError, StoreUnreadable), open_reader(run_dir) as store:
            view.show_totals(store.totals())
        await asyncio.sleep(LEDGER_SECONDS)


@contextmanager
def _interrupts() -> Iterator["asyncio.Queue[None]"]:
    """Ctrl-C as items of a queue, instead of the exception that would tear everything down."""
    loop = asyncio.get_running_loop()
    pressed: asyncio.Queue[None] = asyncio.Queue()
    before = signal.getsignal(signal.SIGINT)
    loop.add_signal_handler(signal.SIGINT, pressed.put_nowait, None)
    try:
        yield pressed
    finally:
        loop.remove_signal_handler(signal.SIGINT)
        signal.signal(signal.SIGINT, before)
