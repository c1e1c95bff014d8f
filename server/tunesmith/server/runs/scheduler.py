"""The queue at work: which run goes next, its worker, and every change of its status.

One run at a time in a workspace, because its runs share an endpoint's rate limit; runs of different workspaces go
side by side, `max_running` of them. Estimates, which call no model, wait for nobody. `_set_status` is the one place
where a status changes (`protocol/run_status.py` is the table).
"""

import logging
import os
from collections.abc import Callable, Mapping
from pathlib import Path

import anyio
import anyio.to_thread
from anyio import TASK_STATUS_IGNORED
from anyio.abc import TaskGroup, TaskStatus

from tunesmith.protocol import FINAL_STATUSES, EventRecord, RunOwned, RunSpec, RunStatus, UserError, may_follow
from tunesmith.protocol.worker_messages import RunOutcome
from tunesmith.server.errors import ServerError, ServiceStopped
from tunesmith.server.runs.credentials import needs_credentials, plain_environment
from tunesmith.server.runs.folders import is_owned
from tunesmith.server.runs.reading import read_status
from tunesmith.server.runs.run_queue import QueuedRun, RunQueue
from tunesmith.server.runs.status_record import record_outcome, record_status
from tunesmith.server.runs.supervisor import Supervisor, Timeouts

logger = logging.getLogger(__name__)

ORPHAN_SECONDS = 90
"""A worker that lost its daemon has this long to commit what is in flight before its run goes on elsewhere."""
ORPHAN_POLL_SECONDS = 0.2

NO_ENVIRONMENT = "the daemon was restarted and keeps no credentials: resume it from an editor or a terminal"


class ScheduledRun:
    """A run this daemon owes somebody. Its environment is held here and nowhere else."""

    def __init__(self, spec: RunSpec, status: RunStatus, environment: Mapping[str, str] | None) -> None:
        self.spec = spec
        self.status: RunStatus = status
        self.environment = environment
        self.supervisor: Supervisor | None = None

    @property
    def root(self) -> str:
        """The workspace's real path: a link to it is the same workspace."""
        return os.path.realpath(self.spec.root)


class Scheduler:
    """The queue and what it leads to. `serve` runs for its life; all else may be called meanwhile."""

    def __init__(
        self,
        state_dir: Path,
        *,
        max_running: int,
        timeouts: Timeouts,
        emit: Callable[[RunSpec, EventRecord], None],
    ) -> None:
        """`state_dir` holds the queue. At most `max_running` runs go at once, of different workspaces. `emit` is called
        with every event after it was committed."""
        self._state_dir = state_dir
        self._max_running = max_running
        self._timeouts = timeouts
        self._emit = emit
        self._queue: RunQueue | None = None
        self._refusal: ServerError = ServiceStopped()
        """What is said to whoever asks while the queue is not open."""
        self._runs: dict[str, ScheduledRun] = {}
        self._recording = anyio.Lock()
        self._changed = anyio.Event()
        self._closing = False
        self._stopped = anyio.Event()

    # What sessions ask for

    def status_of(self, run_id: str) -> RunStatus | None:
        """None for runs this daemon owes nobody."""
        run = self._runs.get(run_id)
        return run.status if run else None

    def is_executing(self, run_id: str) -> bool:
        """Whether a worker of this daemon has the run."""
        return self.status_of(run_id) == "running"

    def with_status(self, *statuses: RunStatus) -> list[str]:
        """Run ids, first asked first."""
        return [run_id for run_id, run in self._runs.items() if run.status in statuses]

    def submit(self, spec: RunSpec, environment: Mapping[str, str]) -> None:
        """Take on a new run whose folder says `queued`. Raises `ServiceStopped`, `StateOwned`, `StateUnwritable`."""
        self._open_queue().put(QueuedRun(spec=spec, status="queued"))
        self._runs[spec.run_id] = ScheduledRun(spec, "queued", dict(environment))
        self._wake()

    async def resume(self, spec: RunSpec, status: RunStatus, environment: Mapping[str, str]) -> None:
        """Queue a run again that is `status` now. Raises `ServiceStopped`, `StateOwned`, `StateUnwritable`."""
        queue = self._open_queue()
        run = self._runs.pop(spec.run_id, None) or ScheduledRun(spec, status, None)
        self._runs[spec.run_id] = run  # at the end: others have waited longer
        queue.remove(spec.run_id)
        run.spec, run.environment = spec, dict(environment)
        await self._set_status(run, "queued", reason="resumed")

    async def cancel(self, run_id: str) -> None:
        """Stop a run; one that waits is cancelled at once, one that runs when its worker has stopped."""
        run = self._runs.get(run_id)
        if run is None:
            return
        if run.supervisor is not None:
            run.supervisor.cancel()
        elif may_follow(run.status, "cancelled"):
            await self._set_status(run, "cancelled", reason="cancelled by the user")

    # Its life

    async def serve(self, *, task_status: TaskStatus[None] = TASK_STATUS_IGNORED) -> None:
        """Run until `close`. Raises `StateOwned` or `StateUnwritable`; later calls are refused with the same."""
        try:
            self._queue = RunQueue.open(self._state_dir)
        except ServerError as error:
            self._refusal = error
            raise
        try:
            async with anyio.create_task_group() as tasks:
                await self._take_over(tasks)
                task_status.started()
                while not self._closing:
                    self._changed = anyio.Event()
                    for run, supervisor in self._startable():
                        tasks.start_soon(self._execute, run, supervisor)
                    await self._changed.wait()
        finally:
            self._queue.close()
            self._queue = None
            self._stopped.set()

    async def close(self) -> None:
        """Stop the workers softly and return when `serve` has ended. What runs becomes `interrupted`."""
        self._closing = True
        for run in self._runs.values():
            if run.supervisor is not None:
                run.supervisor.leave()
        self._wake()
        if self._queue is not None:
            await self._stopped.wait()

    async def _take_over(self, tasks: TaskGroup) -> None:
        """What an earlier daemon left: ended runs are dropped, others go on or wait for credentials."""
        queue = self._open_queue()
        for row in queue.rows():
            spec = row.spec
            recorded = await anyio.to_thread.run_sync(read_status, Path(spec.run_dir))
            is_over = recorded is None or recorded in FINAL_STATUSES or row.status in FINAL_STATUSES
            if is_over or spec.estimate_only:  # nobody waits for an estimate any more
                queue.remove(spec.run_id)
                continue
            run = self._runs[spec.run_id] = ScheduledRun(spec, row.status, None)
            if run.status == "running":
                await self._set_status(run, "interrupted", reason="the daemon ended while it ran")
            if run.environment is not None or run.status == "needs credentials":
                continue  # a client was quicker, or it waits already
            if needs_credentials(spec):
                await self._set_status(run, "needs credentials", reason=NO_ENVIRONMENT)
                tasks.start_soon(self._write_once_free, run)
                continue
            run.environment = plain_environment()
            if run.status == "interrupted":
                await self._set_status(run, "queued", reason="goes on after the daemon's restart")
        self._wake()

    async def _write_once_free(self, run: ScheduledRun) -> None:
        """A worker that lost its daemon has the last word in its folder, unless we write there after it."""
        run_dir = Path(run.spec.run_dir)
        await self._wait_for_orphan(run_dir, lambda: self._closing or run.status != "needs credentials")
        recorded = await anyio.to_thread.run_sync(read_status, run_dir)
        if run.status == "needs credentials" and recorded != run.status:
            async with self._recording:
                record = await anyio.to_thread.run_sync(record_status, run_dir, run.status, NO_ENVIRONMENT)
            self._emit(run.spec, record)

    def _startable(self) -> list[tuple[ScheduledRun, Supervisor]]:
        """Runs whose turn it is, each with the supervisor that is to execute it."""
        busy = {run.root for run in self._runs.values() if run.supervisor is not None and not run.spec.estimate_only}
        chosen = []
        for run in self._runs.values():
            estimates = run.spec.estimate_only
            free = estimates or (len(busy) < self._max_running and run.root not in busy)
            if free and run.status == "queued" and run.supervisor is None and run.environment is not None:
                run.supervisor = self._supervisor(run, run.environment)
                busy |= set() if estimates else {run.root}
                chosen.append((run, run.supervisor))
        return chosen

    def _supervisor(self, run: ScheduledRun, environment: Mapping[str, str]) -> Supervisor:
        return Supervisor(run.spec, environment, lambda record: self._emit(run.spec, record), self._timeouts)

    async def _execute(self, run: ScheduledRun, supervisor: Supervisor) -> None:
        async def settle(outcome: RunOutcome) -> None:
            run.supervisor = None
            await self._set_status(run, outcome.status, outcome=outcome, worker_record=supervisor.last_record)

        owned = await self._wait_for_orphan(Path(run.spec.run_dir), lambda: supervisor.is_stopping)
        await self._set_status(run, "running")
        if owned:
            await settle(_failed(str(RunOwned(Path(run.spec.run_dir)))))
            return
        try:
            await supervisor.run(settle)
        except Exception as error:  # one run's failure, ours included, must not end the others
            logger.exception("run %s: its supervision failed", run.spec.run_id)
            if run.supervisor is supervisor:
                await settle(_failed(f"The daemon failed while it supervised this run ({error}); its log says more."))

    async def _wait_for_orphan(self, run_dir: Path, is_over: Callable[[], bool]) -> bool:
        """Whether a worker that lost its daemon still has the run after it had time to leave."""
        with anyio.move_on_after(ORPHAN_SECONDS):
            # Polled: another process's lock sends no event.
            while not is_over() and await anyio.to_thread.run_sync(is_owned, run_dir):  # noqa: ASYNC110
                await anyio.sleep(ORPHAN_POLL_SECONDS)
            return False
        return True

    async def _set_status(
        self,
        run: ScheduledRun,
        status: RunStatus,
        *,
        reason: str | None = None,
        outcome: RunOutcome | None = None,
        worker_record: EventRecord | None = None,
    ) -> None:
        """Swap, log, keep for the next daemon, write into the run's folder, emit."""
        old, run_id, run_dir = run.status, run.spec.run_id, Path(run.spec.run_dir)
        if not may_follow(old, status):
            raise ValueError(f"run {run_id}: {old} → {status} is not allowed")
        run.status = status
        if outcome is not None and outcome.error is not None:
            reason = outcome.error.message
        logger.info("run %s: %s → %s%s", run_id, old, status, f" ({reason})" if reason else "")
        self._open_queue().put_if_possible(QueuedRun(spec=run.spec, status=run.status))
        async with self._recording:
            record: EventRecord | None
            if outcome is None:
                record = await anyio.to_thread.run_sync(record_status, run_dir, status, reason)
            else:
                record = await anyio.to_thread.run_sync(record_outcome, run_dir, outcome, reason)
        if status in FINAL_STATUSES and run.status == status:
            self._open_queue().remove(run_id)
            self._runs.pop(run_id, None)
        for one in (worker_record, record):
            if one is not None:
                self._emit(run.spec, one)
        self._wake()

    def _open_queue(self) -> RunQueue:
        if self._queue is None:
            raise self._refusal
        return self._queue

    def _wake(self) -> None:
        self._changed.set()


def _failed(message: str) -> RunOutcome:
    return RunOutcome(status="failed", error=UserError(message=message))
