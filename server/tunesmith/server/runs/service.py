"""Runs as the daemon's sessions see them: start, resume, cancel, list, show, watch.

Methods belong to the event loop's thread, but for those that read (`list_runs`, `snapshot`, `show`, `events`,
`artifact_text`): they may be called from any.
"""

import logging
import os
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

import anyio.to_thread
from anyio import TASK_STATUS_IGNORED
from anyio.abc import TaskStatus

from tunesmith.protocol import LIVE_STATUSES, EventRecord, RunSpec, RunSummary
from tunesmith.protocol.folder_layout import PROGRAM_FILE
from tunesmith.protocol.session_messages import RunDetail, RunRef, RunStarted, ShowRun, StartRun
from tunesmith.server.errors import (
    NothingToShip,
    RunBusy,
    RunFinished,
    RunUnknown,
    RunUnreadable,
    WorkspaceUntrusted,
)
from tunesmith.server.runs.catalog import RunCatalog
from tunesmith.server.runs.folders import create_run_folder, new_run_id
from tunesmith.server.runs.interpreter import choose_interpreter
from tunesmith.server.runs.reading import UNREADABLE, ReadRun, read_detail, read_events, read_spec
from tunesmith.server.runs.scheduler import Scheduler
from tunesmith.server.runs.snapshot import RunsSnapshot
from tunesmith.server.runs.spec import build_spec, place_spec
from tunesmith.server.runs.status_record import record_order
from tunesmith.server.runs.supervisor import DEFAULT_TIMEOUTS, Timeouts
from tunesmith.server.workspace import Workspace

logger = logging.getLogger(__name__)

Listener = Callable[[Path, str, EventRecord], None]
"""Called with root, run id and event, after the event was committed."""


class RunService:
    """The daemon's runs. `serve` runs for the service's life; `start` and `resume` are refused outside of it."""

    def __init__(
        self,
        workspace_of: Callable[[Path], Workspace],
        state_dir: Path,
        *,
        queue_dir: Path | None = None,
        max_running: int = 2,
        timeouts: Timeouts = DEFAULT_TIMEOUTS,
    ) -> None:
        """`workspace_of`: the workspace of a root. `state_dir`: for runs whose workspace cannot hold them.
        `queue_dir`: the queue, which one service at a time may have; by default the same. `max_running`: of different
        workspaces."""
        self._workspace_of = workspace_of
        self._listeners: list[Listener] = []
        self._scheduler = Scheduler(
            queue_dir or state_dir,
            max_running=max_running,
            timeouts=timeouts,
            emit=self._emit,
        )
        self._catalog = RunCatalog(state_dir, self._scheduler.is_executing)

    async def serve(self, *, task_status: TaskStatus[None] = TASK_STATUS_IGNORED) -> None:
        """Work off the queue until `close`. Raises `StateOwned` where another daemon works in the state folder, and
        `StateUnwritable`; `start` and `resume` then refuse with the same error."""
        await self._scheduler.serve(task_status=task_status)

    async def close(self) -> None:
        """Stop workers softly and return when `serve` has ended. What ran can be resumed."""
        await self._scheduler.close()

    # Changing

    async def start(self, request: StartRun, environment: Mapping[str, str], *, trusted: bool) -> RunStarted:
        """Queue a new run that will execute with the client's environment.

        Raises `WorkspaceUntrusted`, `CaptureUnconfirmed`, `InterpreterUnusable`, `RunUnknown` (for `reuse_from`),
        `StoreUnwritable`, `ServiceStopped`, and `UnknownTarget`.
        """
        if not trusted:
            raise WorkspaceUntrusted(request.root)
        root = _absolute(request.root)
        workspace = self._workspace_of(root)
        places = self._catalog.places(root)
        reuse_from = self._folder(root, request.reuse_from) if request.reuse_from else None
        run_id = new_run_id()
        interpreter = await choose_interpreter(
            root,
            requested=request.interpreter,
            configured=workspace.snapshot().settings.interpreter,
            environment=environment,
        )
        if request.estimate_only:
            await anyio.to_thread.run_sync(self._remove_estimates, root)
        # The folder comes last: a target nobody knows must not leave one behind.
        spec = build_spec(
            request,
            workspace.snapshot(),
            run_id=run_id,
            run_dir=places.inside / run_id,
            root=root,
            interpreter=interpreter.path,
            reuse_from=reuse_from,
        )
        folder = await anyio.to_thread.run_sync(create_run_folder, run_id, places)
        spec = place_spec(spec, folder.path)
        reason = f"with {interpreter.path}, {interpreter.reason}"
        logger.info("run %s of %s in %s: %s", run_id, spec.target.name, root, reason)
        warning = f"{folder.moved_because}; this run lies in {folder.path}." if folder.moved_because else None
        for record in await anyio.to_thread.run_sync(lambda: record_order(spec, reason=reason, warning=warning)):
            self._emit(spec, record)
        self._scheduler.submit(spec, environment)
        return RunStarted(run_id=run_id, run_dir=spec.run_dir)

    async def resume(self, ref: RunRef, environment: Mapping[str, str], *, trusted: bool) -> RunStarted:
        """Queue an unfinished run again; what it committed is not paid for twice. Its worker refuses it where program,
        metric or data changed meanwhile.

        Raises `WorkspaceUntrusted`, `RunUnknown`, `RunBusy`, `RunFinished`, `ServiceStopped`.
        """
        if not trusted:
            raise WorkspaceUntrusted(ref.root)
        root = _absolute(ref.root)
        run_dir = self._folder(root, ref.run_id)
        run = self._read(root, ref.run_id)
        scheduled = self._scheduler.status_of(ref.run_id)
        status = scheduled or run.summary.status
        if status == "finished":
            raise RunFinished(ref.run_id)
        if status == "running" or scheduled == "queued":
            raise RunBusy(ref.run_id, status)
        if status == "queued":  # by a daemon whose queue is lost
            status = "interrupted"
        spec = read_spec(run_dir)
        if spec is None:
            raise RunUnknown(ref.run_id, root)
        await self._scheduler.resume(place_spec(spec, run_dir), status, environment)
        return RunStarted(run_id=ref.run_id, run_dir=str(run_dir))

    async def cancel(self, ref: RunRef) -> None:
        """Stop a run softly; its best so far is kept. Nothing happens where it has ended already.

        Raises `RunUnknown`, and `RunBusy` where another process executes it.
        """
        root = _absolute(ref.root)
        if self._scheduler.status_of(ref.run_id) is None:
            status = self._read(root, ref.run_id).summary.status
            if status == "running":
                raise RunBusy(ref.run_id, "executed by another process")
        await self._scheduler.cancel(ref.run_id)

    # Reading

    @property
    def running(self) -> list[str]:
        """Run ids that have a worker."""
        return self._scheduler.with_status("running")

    @property
    def is_busy(self) -> bool:
        """A worker works, or will when its turn comes; what waits for a person does not count."""
        return bool(self._scheduler.with_status(*LIVE_STATUSES))

    @property
    def queued(self) -> list[str]:
        """Run ids that wait for their turn."""
        return self._scheduler.with_status("queued")

    def list_runs(self, root: Path) -> list[RunSummary]:
        """Every run of a root but estimates, newest first."""
        return self._catalog.summaries(_absolute(root))

    def snapshot(self, root: Path) -> RunsSnapshot:
        """What an editor shows of a root's runs; the same object as long as nothing changed."""
        return self._catalog.snapshot(_absolute(root))

    def show(self, request: ShowRun) -> RunDetail:
        """A run in full, with the rollouts of one example where one is asked for.

        Raises `RunUnknown`, `RunUnreadable`.
        """
        root = _absolute(request.root)
        run = self._read(root, request.run_id)
        try:
            return read_detail(run, self._folder(root, request.run_id), request.example)
        except UNREADABLE as error:
            raise RunUnreadable(request.run_id, str(error)) from error

    def events(self, root: Path, run_id: str, after: int = 0) -> list[EventRecord]:
        """A run's events numbered above `after`. Raises `RunUnknown`, `RunUnreadable`."""
        run_dir = self._folder(_absolute(root), run_id)
        try:
            return read_events(run_dir, after)
        except UNREADABLE as error:
            raise RunUnreadable(run_id, str(error)) from error

    def artifact_text(self, root: Path, run_id: str) -> str:
        """The run's `program.json`. Raises `RunUnknown`, `NothingToShip`, `RunUnreadable`."""
        root = _absolute(root)
        run = self._read(root, run_id)
        if run.summary.report is None or run.summary.report.artifact is None:
            raise NothingToShip(run_id, run.summary.status)
        try:
            return (self._folder(root, run_id) / PROGRAM_FILE).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise RunUnreadable(run_id, str(error)) from error

    def watch(self, listener: Listener) -> Callable[[], None]:
        """Hear every event of the runs this daemon executes. Returns what ends it."""
        self._listeners.append(listener)

        def unwatch() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)

        return unwatch

    # Inside

    def _emit(self, spec: RunSpec, record: EventRecord) -> None:
        root = Path(spec.root)
        self._catalog.note(root, spec.run_id, record.event)
        for listener in tuple(self._listeners):
            try:
                listener(root, spec.run_id, record)
            except Exception:  # one session's failure must not reach the run or the other sessions
                logger.exception("a listener failed on an event of run %s", spec.run_id)

    def _remove_estimates(self, root: Path) -> None:
        """Those whose clients have read them: what they say holds for the program and the prices of then."""
        for estimate in self._catalog.estimates(root):
            if estimate.status != "running" and self._scheduler.status_of(estimate.run_id) is None:
                shutil.rmtree(estimate.run_dir, ignore_errors=True)

    def _folder(self, root: Path, run_id: str) -> Path:
        run_dir = self._catalog.places(root).find(run_id)
        if run_dir is None:
            raise RunUnknown(run_id, root)
        return run_dir

    def _read(self, root: Path, run_id: str) -> ReadRun:
        run = self._catalog.get(root, run_id)
        if run is None:
            self._folder(root, run_id)
            raise RunUnreadable(run_id, "its store holds no run, or is corrupt")
        return run


def _absolute(root: Path | str) -> Path:
    return Path(os.path.abspath(root))  # noqa: PTH100 - links are kept: clients know the root by the name they gave
