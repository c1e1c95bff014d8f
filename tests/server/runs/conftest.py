import shlex
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import anyio
import pytest
from msgspec import Struct

from tunesmith.protocol import (
    ConfiguredTarget,
    EventRecord,
    Progressed,
    RunEvent,
    RunSpec,
    RunSummary,
    StatusChanged,
    Target,
    Tuner,
)
from tunesmith.protocol.session_messages import RunDetail, RunRef, ShowRun, StartRun
from tunesmith.server.index.facts import Span
from tunesmith.server.runs import RunService
from tunesmith.server.runs.supervisor import Timeouts
from tunesmith.server.target_discovery.discover import FoundTarget
from tunesmith.server.workspace.workspace import Workspace


@pytest.fixture
def fake_python(tmp_path: Path) -> str:
    """An interpreter that is the fake worker, whatever it is told to run."""
    path = tmp_path / "bin" / "python"
    path.parent.mkdir()
    fake = Path(__file__).with_name("fake_worker.py")
    path.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} {shlex.quote(str(fake))} "$@"\n')
    path.chmod(0o755)
    return str(path)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    path = tmp_path / "workspace"
    path.mkdir()
    return path


@pytest.fixture
def quick() -> Timeouts:
    """Waits that only a test of waiting reaches the end of."""
    return Timeouts(hello=30, soft_stop=30, exit=10)


@pytest.fixture
def a_spec(root: Path, fake_python: str) -> Callable[..., RunSpec]:
    def make(run_id: str = "20260101-000000-aaaa", **changes: object) -> RunSpec:
        target = ConfiguredTarget(
            name="banking", program="app:program", metric=None, trainset=None, file="a.py", line=3
        )
        order: dict[str, object] = {
            "run_id": run_id,
            "run_dir": str(root / ".tunesmith" / "runs" / run_id),
            "root": str(root),
            "interpreter": fake_python,
            "target": target,
            "optimizer": "bootstrap-fewshot",
        }
        return RunSpec(**{**order, **changes})  # type: ignore[arg-type]

    return make


class Settings(Struct):
    lm: str | None = None
    teacher_lm: str | None = None
    prompt_lm: str | None = None
    model: str | None = None
    optimizer: Tuner | None = None
    interpreter: str | None = None
    threads: int | None = None


class WorkspaceStandIn:
    """What the service asks of a workspace: one target, and settings."""

    def __init__(self, target: Target, settings: Settings) -> None:
        self._target = target
        self.settings = settings

    def snapshot(self) -> "WorkspaceStandIn":
        return self

    def find_target(self, text: str) -> FoundTarget:
        if text != self._target.name:
            raise LookupError(text)
        return FoundTarget(
            target=self._target,
            path=self._target.file,
            anchor=Span(0, 0, 0, 0, 0, 0),
            program=None,
            construction=None,
            construction_path=None,
        )


class Serving:
    """A run service at work, and all it told."""

    def __init__(self, service: RunService, root: Path, dies: Callable[[], None]) -> None:
        self.service = service
        self.dies = dies
        """End it between two lines of its code, as a kill would."""
        self.root = root
        self.environment = {"PATH": "/usr/bin:/bin"}
        """The client's."""
        self.heard: list[tuple[str, EventRecord]] = []
        self._news = anyio.Event()
        service.watch(self._hear)

    def _hear(self, root: Path, run_id: str, record: EventRecord) -> None:
        assert root == self.root
        self.heard.append((run_id, record))
        self._news.set()
        self._news = anyio.Event()

    async def until(self, run_id: str, event: RunEvent | str) -> None:
        """Until the run told of this event, or of this status, counting what it told already."""
        with anyio.fail_after(60):
            while not any(of == run_id and _is(record.event, event) for of, record in self.heard):
                await self._news.wait()

    async def until_resting(self, run_id: str) -> None:
        """Until nothing more happens to the run by itself."""
        with anyio.fail_after(100):
            while not any(of == run_id and _is_rest(record.event) for of, record in self.heard):
                await self._news.wait()

    async def until_seq(self, run_id: str, seq: int) -> None:
        with anyio.fail_after(60):
            while not any(of == run_id and record.seq >= seq for of, record in self.heard):
                await self._news.wait()

    async def until_progress(self, run_id: str, reports: int) -> None:
        with anyio.fail_after(100):
            while sum(of == run_id and isinstance(one.event, Progressed) for of, one in self.heard) < reports:
                await self._news.wait()

    def statuses(self, run_id: str) -> list[str]:
        """Without the worker's repetition of what the service wrote."""
        told = [one.event.status for of, one in self.heard if of == run_id and isinstance(one.event, StatusChanged)]
        return [status for before, status in zip([None, *told], told, strict=False) if status != before]

    def request(self, **changes: object) -> StartRun:
        order: dict[str, object] = {"root": str(self.root), "target": "banking", "optimizer": "bootstrap-fewshot"}
        return StartRun(**{**order, **changes})  # type: ignore[arg-type]

    async def start(self, mode: str, **changes: object) -> str:
        environment = {**self.environment, "FAKE_WORKER": mode}
        return (await self.service.start(self.request(**changes), environment, trusted=True)).run_id

    async def resume(self, run_id: str, mode: str) -> None:
        environment = {**self.environment, "FAKE_WORKER": mode}
        await self.service.resume(RunRef(root=str(self.root), run_id=run_id), environment, trusted=True)

    async def cancelled(self) -> RunRef:
        """A run that was cancelled."""
        run_id = await self.start("wait")
        await self.cancel(run_id)
        await self.until(run_id, "cancelled")
        return RunRef(root=str(self.root), run_id=run_id)

    async def cancel(self, run_id: str) -> None:
        await self.service.cancel(RunRef(root=str(self.root), run_id=run_id))

    def worker_pid(self, run_id: str) -> int:
        """The process that holds the run's lock."""
        inode = (Path(self.summary(run_id).run_dir) / "run.lock").stat().st_ino
        for line in Path("/proc/locks").read_text().splitlines():
            fields = line.split()
            if fields[1] == "FLOCK" and int(fields[5].split(":")[2]) == inode:
                return int(fields[4])
        raise AssertionError("nobody holds the lock")

    def detail(self, run_id: str, example: int | None = None) -> RunDetail:
        return self.service.show(ShowRun(root=str(self.root), run_id=run_id, example=example))

    def summary(self, run_id: str) -> RunSummary:
        return next(one for one in self.service.list_runs(self.root) if one.run_id == run_id)


def _is(event: RunEvent, wanted: RunEvent | str) -> bool:
    return event == wanted or (isinstance(event, StatusChanged) and event.status == wanted)


def _is_rest(event: RunEvent) -> bool:
    return isinstance(event, StatusChanged) and event.status not in ("queued", "running")


@pytest.fixture
def serve(
    root: Path, tmp_path: Path, fake_python: str, quick: Timeouts
) -> Callable[..., AbstractAsyncContextManager[Serving]]:
    """A service over the same folders each time it is entered, as a restarted daemon would have them."""
    target = ConfiguredTarget(name="banking", program="app:program", metric=None, trainset=None, file="a.py", line=3)

    @asynccontextmanager
    async def serve(
        target: Target = target, workspace: Workspace | None = None, **options: object
    ) -> AsyncIterator[Serving]:
        known = workspace or WorkspaceStandIn(target, Settings(interpreter=fake_python))
        service = RunService(lambda _: known, tmp_path / "state", timeouts=quick, **options)  # type: ignore
        async with anyio.create_task_group() as tasks:
            serving = Serving(service, root, dies=tasks.cancel_scope.cancel)
            await tasks.start(service.serve)
            yield serving
            await service.close()

    return serve
