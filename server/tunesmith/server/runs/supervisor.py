"""One worker process, from its start to an outcome, whatever it does in between."""

import contextlib
import logging
import subprocess
from collections.abc import Awaitable, Callable, Mapping
from typing import Literal

import anyio
import anyio.abc
from msgspec import Struct

from tunesmith.protocol import PROTOCOL_VERSION, WORKER_ENDINGS, EventRecord, RunSpec, StatusChanged, UserError
from tunesmith.protocol.worker_messages import (
    CancelOrder,
    RunEventNote,
    RunOrder,
    RunOutcome,
    WorkerHello,
    WorkerReady,
)
from tunesmith.server.runs.credentials import make_redactor
from tunesmith.server.runs.process_group import end_group, kill_group
from tunesmith.server.runs.stderr_tail import StderrTail
from tunesmith.server.runs.worker_failure import (
    explain_death,
    explain_no_start,
    explain_refusal,
    explain_silence,
    explain_versions,
)
from tunesmith.server.runs.worker_link import WorkerGone, WorkerLink, WorkerRefused

logger = logging.getLogger(__name__)


class Timeouts(Struct, frozen=True, kw_only=True):
    """How long a worker may take, in seconds."""

    hello: float = 120
    """From its start to its first answer; it may import dspy meanwhile."""
    soft_stop: float = 30
    """From a request to stop to its end, for the calls in flight."""
    exit: float = 12
    """From its last word, or SIGTERM, to its exit."""


DEFAULT_TIMEOUTS = Timeouts()


class Supervisor:
    """Runs one worker once, with the client's environment. `cancel` and `leave` may be called at any time; the first of
    them counts."""

    def __init__(
        self,
        spec: RunSpec,
        environment: Mapping[str, str],
        on_event: Callable[[EventRecord], None],
        timeouts: Timeouts,
    ) -> None:
        self._spec = spec
        self._environment = {**environment, "PYTHONUNBUFFERED": "1"}
        self._on_event = on_event
        self._timeouts = timeouts
        self._stderr = StderrTail(spec.run_id, make_redactor(environment))
        self._stop_asked = anyio.Event()
        self._stop_kind: Literal["cancelled", "interrupted"] | None = None
        self._ordered = False
        self.last_record: EventRecord | None = None
        """The worker's own end of the run. Held back: it is emitted when the run has ended here as well."""

    def cancel(self) -> None:
        """Let it keep the best so far; it ends `cancelled`, or whatever it says."""
        self._stop("cancelled")

    def leave(self) -> None:
        """Let it commit what is in flight; it ends `interrupted`, to be resumed."""
        self._stop("interrupted")

    @property
    def is_stopping(self) -> bool:
        """Whether `cancel` or `leave` was called."""
        return self._stop_kind is not None

    def _stop(self, kind: Literal["cancelled", "interrupted"]) -> None:
        if self._stop_kind is None:
            self._stop_kind = kind
            self._stop_asked.set()

    async def run(self, settle: Callable[[RunOutcome], Awaitable[None]]) -> None:
        """Call `settle` once, as soon as the outcome is known; return when no process of the worker's group is alive.

        The two differ where user code lingers at exit: nobody has to wait for that.
        """
        if self._stop_kind is not None:
            await settle(RunOutcome(status=self._stop_kind))
            return
        # -P: a module of the workspace must not stand in for one the worker itself imports.
        command = [self._spec.interpreter, "-P", "-m", "tunesmith.optim.worker"]
        try:
            process = await anyio.open_process(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                cwd=self._spec.root,
                env=self._environment,
                start_new_session=True,
            )
        except OSError as error:
            logger.warning("run %s: %s cannot be started: %s", self._spec.run_id, self._spec.interpreter, error)
            why = await explain_no_start(self._spec, self._environment, exit_code=None, stderr=str(error))
            await settle(_failed(why))
            return
        logger.info("run %s: worker %d started with %s", self._spec.run_id, process.pid, self._spec.interpreter)
        try:
            await self._supervise(process, settle)
        finally:
            with anyio.CancelScope(shield=True):
                kill_group(process)
                await process.aclose()

    async def _supervise(self, process: anyio.abc.Process, settle: Callable[[RunOutcome], Awaitable[None]]) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        link = WorkerLink(process.stdin, process.stdout, self._relay)
        result: RunOutcome | UserError | None = None
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(self._stderr.drain, process.stderr)
            tasks.start_soon(link.read)
            tasks.start_soon(self._stop_when_asked, process, link)
            tasks.start_soon(self._stop_reading_after_exit, process, tasks.cancel_scope)
            with contextlib.suppress(WorkerGone):
                result = await self._hand_over(link)
            if isinstance(result, RunOutcome):
                with anyio.CancelScope(shield=True):  # an outcome is not lost, whoever stops waiting for it
                    await settle(self._accept(result))
            await self._wait_for_exit(process, link)
            tasks.cancel_scope.cancel()
        if not isinstance(result, RunOutcome):
            await settle(await self._explain(result, process))

    async def _hand_over(self, link: WorkerLink) -> RunOutcome | UserError:
        """Greet the worker, give it the run, and wait for its outcome. Raises `WorkerGone`."""
        from importlib.metadata import version  # only a run needs it

        hello = WorkerHello(protocol=PROTOCOL_VERSION, version=version("tunesmith"))
        try:
            with anyio.fail_after(self._timeouts.hello):
                ready = await link.request("worker/hello", hello, WorkerReady)
            if (mismatch := explain_versions(self._spec, ready)) is not None:
                return mismatch
            self._ordered = True
            return await link.request("worker/run", RunOrder(spec=self._spec), RunOutcome)
        except TimeoutError:
            return explain_silence(self._spec, self._timeouts.hello, self._stderr.tail)
        except WorkerRefused as refused:
            return explain_refusal(self._spec, refused.error)

    async def _stop_when_asked(self, process: anyio.abc.Process, link: WorkerLink) -> None:
        """Wait for a request to stop, and see that it happens."""
        await self._stop_asked.wait()
        if self._ordered:
            try:
                if self._stop_kind == "cancelled":
                    await link.notify("worker/cancel", CancelOrder(reason="cancelled by the user"))
                else:
                    await link.hang_up()
            except WorkerGone:
                return
            await anyio.sleep(self._timeouts.soft_stop)
            logger.warning("run %s: the worker did not stop when asked; it is ended", self._spec.run_id)
        await end_group(process, seconds=self._timeouts.exit)

    async def _stop_reading_after_exit(self, process: anyio.abc.Process, scope: anyio.CancelScope) -> None:
        """Children may hold the pipes open long after the worker is gone; do not wait for them."""
        await process.wait()
        kill_group(process)
        await anyio.sleep(self._timeouts.exit)
        scope.cancel()

    async def _wait_for_exit(self, process: anyio.abc.Process, link: WorkerLink) -> None:
        """The outcome is known: close the link, and let the worker leave by itself for a while."""
        await link.hang_up()
        with anyio.move_on_after(self._timeouts.exit):
            await process.wait()
            await self._stderr.ended.wait()

    def _accept(self, outcome: RunOutcome) -> RunOutcome:
        if self._stop_kind == "interrupted" and outcome.status != "finished":
            return RunOutcome(status="interrupted")
        if outcome.status in WORKER_ENDINGS:
            return outcome
        return _failed(UserError(message=f"The worker ended its run as {outcome.status}, which is no end."))

    async def _explain(self, error: UserError | None, process: anyio.abc.Process) -> RunOutcome:
        """The outcome of a run whose worker gave none."""
        if self.last_status is not None:
            return RunOutcome(status=self.last_status.status)
        if self._stop_kind is not None:
            return RunOutcome(status=self._stop_kind)
        if error is not None:
            return _failed(error)
        with anyio.CancelScope(shield=True):
            if process.returncode is None:  # it closed its end and lives on
                await end_group(process, seconds=self._timeouts.exit)
        exit_code, stderr = process.returncode or 0, self._stderr.tail
        if self._ordered:
            return _failed(explain_death(self._spec, exit_code, stderr))
        return _failed(await explain_no_start(self._spec, self._environment, exit_code=exit_code, stderr=stderr))

    def _relay(self, note: RunEventNote) -> None:
        if note.run_id != self._spec.run_id:
            logger.warning("run %s: an event of run %s from its worker is ignored", self._spec.run_id, note.run_id)
        elif isinstance(note.record.event, StatusChanged) and note.record.event.status in WORKER_ENDINGS:
            self.last_record = note.record
        else:
            self._on_event(note.record)

    @property
    def last_status(self) -> StatusChanged | None:
        """The end that the worker wrote down, None before."""
        event = self.last_record.event if self.last_record else None
        return event if isinstance(event, StatusChanged) else None


def _failed(error: UserError) -> RunOutcome:
    return RunOutcome(status="failed", error=error)
