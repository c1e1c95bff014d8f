"""The run service, end to end with a fake worker: queue, cancel, resume, restart."""

import json
import logging
import os
import signal
import threading
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import anyio.to_thread
import pytest
from msgspec import structs

from tunesmith.protocol import CompileTarget, ConfiguredTarget, Progressed, StatusChanged, Warned
from tunesmith.protocol.session_messages import RunRef, ShowRun
from tunesmith.protocol.store import RunStore, open_reader
from tunesmith.server.errors import (
    CaptureUnconfirmed,
    NothingToShip,
    RunBusy,
    RunFinished,
    RunUnknown,
    ServiceStopped,
    StateOwned,
    WorkspaceUntrusted,
)
from tunesmith.server.runs import RunService
from tunesmith.server.runs.folders import is_owned

Serve = Callable[..., AbstractAsyncContextManager[Any]]
WAITING = Progressed(phase="waiting", done=1, total=2)
HALF_PAID = Progressed(phase="paying", done=2, total=4)


async def test_a_run_from_start_to_snapshot(serve: Serve, root: Path) -> None:
    async with serve() as serving:
        run_id = await serving.start("finish")
        await serving.until(run_id, "finished")
        assert serving.statuses(run_id) == ["queued", "running", "finished"]
        told = [record for of, record in serving.heard if of == run_id]
        assert [record.seq for record in told] == list(range(1, len(told) + 1))
        assert serving.service.events(root, run_id, 0) == told
        assert serving.service.events(root, run_id, 2) == told[2:]
        summary = serving.summary(run_id)
        assert (summary.status, summary.target, summary.progress) == ("finished", "banking", "")
        runs = serving.service.snapshot(root).of("banking")
        assert runs.running is None
        assert runs.tuned == runs.evaluated == summary
        assert runs.artifact is not None
        assert serving.service.artifact_text(root, run_id) == '{"made": "by the fake"}'
        detail = serving.detail(run_id)
        assert detail.summary == summary
        assert detail.events == told
        with pytest.raises(RunFinished):
            await serving.resume(run_id, "finish")
    assert (root / ".tunesmith" / ".gitignore").read_text() == "*\n"


async def test_a_run_says_which_interpreter_it_got_and_why(serve: Serve, root: Path, fake_python: str) -> None:
    async with serve() as serving:
        run_id = await serving.start("finish")
        first = serving.service.events(root, run_id, 0)[0].event
        assert first == StatusChanged(status="queued", reason=f"with {fake_python}, [tool.tunesmith] interpreter")


async def test_a_worker_gets_its_client_s_environment_and_no_other(
    serve: Serve, root: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    monkeypatch.setenv("DAEMONS_OWN_API_KEY", "sk-of-the-daemon")
    environment = {"PATH": "/usr/bin:/bin", "FAKE_WORKER": "environment", "OPENAI_API_KEY": "sk-of-the-client"}
    with caplog.at_level(logging.DEBUG):
        async with serve() as serving:
            started = await serving.service.start(serving.request(), environment, trusted=True)
            await serving.until(started.run_id, "finished")
    seen = json.loads(_read(root / "environment.json"))
    assert {name: seen[name] for name in environment} == environment
    assert "DAEMONS_OWN_API_KEY" not in seen
    assert "sk-of-the-client" not in caplog.text
    files = [path for folder in (root / ".tunesmith", tmp_path / "state") for path in _files(folder)]
    assert len(files) >= 3
    assert not [path for path in files if b"sk-of-the-client" in path.read_bytes()]


async def test_an_untrusted_workspace_runs_nothing(serve: Serve, root: Path) -> None:
    async with serve() as serving:
        with pytest.raises(WorkspaceUntrusted, match="Trust the workspace"):
            await serving.service.start(serving.request(), {}, trusted=False)
        with pytest.raises(WorkspaceUntrusted):
            await serving.service.resume(RunRef(root=str(root), run_id="a"), {}, trusted=False)
    assert not (root / ".tunesmith").exists()


async def test_a_target_nobody_knows_leaves_nothing_behind(serve: Serve, root: Path) -> None:
    async with serve() as serving:
        with pytest.raises(LookupError):
            await serving.start("finish", target="absent")
        with pytest.raises(RunUnknown):
            await serving.start("finish", reuse_from="absent")
    assert not (root / ".tunesmith").exists()


@pytest.mark.parametrize(
    ("importable", "confirmed", "refused"), [(True, False, False), (False, False, True), (False, True, False)]
)
async def test_a_script_runs_only_after_the_user_agreed(
    importable: bool, confirmed: bool, refused: bool, serve: Serve
) -> None:
    target = CompileTarget(
        name="banking", file="a.py", line=7, program="p", metric=None, trainset=None, valset=None, importable=importable
    )
    async with serve(target=target) as serving:
        if refused:
            with pytest.raises(CaptureUnconfirmed, match=r"a\.py:7"):
                await serving.start("finish", confirmed_capture=confirmed)
        else:
            await serving.until(await serving.start("finish", confirmed_capture=confirmed), "finished")


@pytest.mark.parametrize(
    ("written", "asked", "got"),
    [
        (None, None, "bootstrap-fewshot"),
        ("mipro-v2", None, "mipro-v2"),
        ("mipro-v2", "bootstrap-fewshot", "bootstrap-fewshot"),
        ("mipro-v2", "evaluate", "evaluate"),
    ],
)
async def test_the_target_says_what_tunes_it_where_nobody_asked_for_another(
    written: str | None, asked: str | None, got: str, serve: Serve
) -> None:
    target = ConfiguredTarget(
        name="banking", program="a:p", metric=None, trainset=None, file="a.py", line=3, optimizer=written
    )
    async with serve(target=target) as serving:
        run_id = await serving.start("finish", optimizer=asked)
        await serving.until(run_id, "finished")
        assert serving.summary(run_id).optimizer == got


async def test_an_estimate_waits_for_no_run_and_counts_as_none(serve: Serve, root: Path) -> None:
    async with serve() as serving:
        working = await serving.start("wait")
        await serving.until(working, WAITING)
        first = await serving.start("finish", optimizer="mipro-v2", estimate_only=True)
        await serving.until(first, "finished")
        assert serving.statuses(working)[-1] == "running"
        assert serving.detail(first).summary.status == "finished"
        assert [one.run_id for one in serving.service.list_runs(root)] == [working]
        runs = serving.service.snapshot(root).of("banking")
        assert (runs.running.run_id, runs.evaluated, runs.tuned) == (working, None, None)
        assert (root / ".tunesmith" / "runs" / first).exists()
        second = await serving.start("wait", estimate_only=True)
        third = await serving.start("wait", estimate_only=True)
        await serving.until(third, WAITING)
        folders = {path.name for path in (root / ".tunesmith" / "runs").iterdir()}
        assert folders == {working, second, third}


async def test_an_estimate_nobody_waits_for_any_more_is_dropped(serve: Serve, root: Path) -> None:
    async with serve() as serving:
        left = await serving.start("wait", estimate_only=True, lm="local/x")
        await serving.until(left, WAITING)
        serving.dies()
    async with serve() as serving:
        assert (serving.service.queued, serving.service.running) == ([], [])
        assert serving.service.list_runs(root) == []


async def test_a_script_gets_its_arguments(serve: Serve) -> None:
    target = CompileTarget(
        name="banking", file="a.py", line=7, program="p", metric=None, trainset=None, valset=None, importable=False
    )
    async with serve(target=target) as serving:
        run_id = await serving.start("finish", confirmed_capture=True, arguments=["--n", "3"])
        await serving.until(run_id, "finished")
        summary = serving.service.show(ShowRun(root=str(serving.root), run_id=run_id)).summary
    with open_reader(Path(summary.run_dir)) as reader:
        stored = reader.spec()
    assert stored is not None
    assert stored.target == structs.replace(target, arguments=["--n", "3"])


async def test_cancel_a_running_run(serve: Serve, root: Path) -> None:
    async with serve() as serving:
        run_id = await serving.start("wait")
        await serving.until(run_id, WAITING)
        assert serving.service.running == [run_id]
        assert serving.summary(run_id).progress == "waiting 1/2"
        await serving.cancel(run_id)
        await serving.until(run_id, "cancelled")
        assert serving.statuses(run_id) == ["queued", "running", "cancelled"]
        await serving.cancel(run_id)  # it has ended: nothing to do
        assert serving.service.running == []
        with pytest.raises(NothingToShip):
            serving.service.artifact_text(root, run_id)
        with pytest.raises(RunUnknown):
            await serving.cancel("absent")


async def test_runs_of_a_workspace_take_turns_and_one_that_waits_can_be_cancelled(serve: Serve) -> None:
    async with serve() as serving:
        first = await serving.start("wait")
        second = await serving.start("finish")
        third = await serving.start("finish")
        await serving.until(first, WAITING)
        assert (serving.service.running, serving.service.queued) == ([first], [second, third])
        await serving.cancel(second)
        assert serving.statuses(second) == ["queued", "cancelled"]
        with pytest.raises(RunBusy):
            await serving.resume(third, "finish")
        await serving.cancel(first)
        await serving.until(third, "finished")
        await serving.resume(second, "finish")
        await serving.until(second, "finished")
        assert serving.statuses(second) == ["queued", "cancelled", "queued", "running", "finished"]


async def test_a_killed_worker_s_run_is_resumed_without_paying_twice(serve: Serve, root: Path) -> None:
    async with serve() as serving:
        run_id = await serving.start("steps")
        await serving.until(run_id, HALF_PAID)
        os.kill(serving.worker_pid(run_id), signal.SIGKILL)
        await serving.until(run_id, "failed")
        failed = serving.summary(run_id)
        assert failed.error is not None
        assert "SIGKILL" in failed.error.message
        (root / "go-on").touch()
        await serving.resume(run_id, "steps")
        await serving.until(run_id, "finished")
        assert serving.summary(run_id).error is None
    assert _read(root / f"paid-{run_id}.txt").split("\n") == ["call 0", "call 1", "call 2", "call 3", ""]


@pytest.mark.parametrize(("lm", "waits"), [("local/smollm2-135m", False), ("openai/gpt-x", True), (None, True)])
async def test_a_restarted_service_goes_on_where_no_credentials_are_needed(
    lm: str | None, waits: bool, serve: Serve, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with serve() as serving:
        run_id = await serving.start("steps", lm=lm)
        behind = await serving.start("finish", lm=lm)
        await serving.until(run_id, HALF_PAID)
    assert serving.statuses(run_id) == ["queued", "running", "interrupted"]
    (root / "go-on").touch()
    # What needs no credentials gets no environment of a client either; the stand-in is told through the files alone.
    monkeypatch.setattr(
        "tunesmith.server.runs.scheduler.plain_environment", lambda: {"PATH": "/usr/bin:/bin", "FAKE_WORKER": "steps"}
    )
    async with serve() as again:
        if waits:
            assert again.summary(run_id).status == again.summary(behind).status == "needs credentials"
            assert again.service.snapshot(root).of("banking").running is not None
            assert (again.service.running, again.service.queued) == ([], [])
            await again.resume(run_id, "steps")
            await again.resume(behind, "finish")
        await again.until(run_id, "finished")
        await again.until(behind, "finished")
    assert _read(root / f"paid-{run_id}.txt").count("call 0") == 1


async def test_a_service_that_died_without_a_word_leaves_runs_that_go_on(
    serve: Serve, root: Path, tmp_path: Path
) -> None:
    """As after `kill -9` of the daemon: its task ends, nothing is written down, the worker is gone too."""

    async def live_and_die() -> str:
        async with serve() as serving:
            run_id: str = await serving.start("steps")
            await serving.until(run_id, HALF_PAID)
            serving.dies()
        return run_id

    run_id = await live_and_die()
    (root / "go-on").touch()
    async with serve() as again:
        assert again.statuses(run_id) == ["interrupted", "needs credentials"]
        assert again.summary(run_id).status == "needs credentials"
        await again.resume(run_id, "steps")
        await again.until(run_id, "finished")
    assert _read(root / f"paid-{run_id}.txt").count("call 0") == 1


async def test_a_run_waits_for_a_worker_that_lost_its_daemon(
    serve: Serve, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = threading.Event()

    def is_owned_and_seen(run_dir: Path) -> bool:
        owned = is_owned(run_dir)
        if owned:
            seen.set()
        return owned

    monkeypatch.setattr("tunesmith.server.runs.scheduler.is_owned", is_owned_and_seen)
    async with serve() as serving:
        run_id = await serving.start("steps")
        await serving.until(run_id, HALF_PAID)
    (root / "go-on").touch()
    orphan = RunStore.open(root / ".tunesmith" / "runs" / run_id)
    async with serve() as again:
        await again.resume(run_id, "steps")
        assert await anyio.to_thread.run_sync(seen.wait, 30)
        assert again.service.queued == [run_id]
        orphan.close()
        await again.until(run_id, "finished")


async def test_a_worker_that_lost_its_daemon_does_not_have_the_last_word(serve: Serve, root: Path) -> None:
    async def live_and_die() -> str:
        async with serve() as serving:
            run_id: str = await serving.start("steps")
            await serving.until(run_id, HALF_PAID)
            serving.dies()
        return run_id

    run_id = await live_and_die()
    orphan = RunStore.open(root / ".tunesmith" / "runs" / run_id)
    async with serve() as again:
        assert again.statuses(run_id) == ["interrupted", "needs credentials"]
        last = orphan.append_event(StatusChanged(status="interrupted"))
        orphan.close()
        await again.until_seq(run_id, last.seq + 1)
        assert again.summary(run_id).status == "needs credentials"


async def test_a_run_without_a_key_waits_for_one(serve: Serve) -> None:
    async with serve() as serving:
        run_id = await serving.start("no key")
        await serving.until(run_id, "needs credentials")
        await serving.resume(run_id, "finish")
        await serving.until(run_id, "finished")
        assert serving.statuses(run_id)[-4:] == ["needs credentials", "queued", "running", "finished"]


async def test_a_second_service_says_who_has_the_state_folder(serve: Serve, root: Path, tmp_path: Path) -> None:
    async with serve() as serving:
        second = RunService(lambda _: None, tmp_path / "state")  # type: ignore[arg-type,return-value]
        with pytest.raises(StateOwned, match="Another tunesmith daemon"):
            await second.serve()
        with pytest.raises(StateOwned):  # rather than that it is stopping
            await second.resume(await serving.cancelled(), {}, trusted=True)
        await second.close()


async def test_a_closed_service_takes_nothing(serve: Serve) -> None:
    async with serve() as serving:
        pass
    with pytest.raises(ServiceStopped):
        await serving.start("finish")


async def test_a_workspace_that_cannot_hold_runs_has_them_in_the_state_folder(
    serve: Serve, root: Path, tmp_path: Path
) -> None:
    (root / ".tunesmith").write_text("a file stands in the way")
    async with serve() as serving:
        run_id = await serving.start("finish")
        await serving.until(run_id, "finished")
        summary = serving.summary(run_id)
        assert Path(summary.run_dir).is_relative_to(tmp_path / "state")
        warnings = [record.event for _, record in serving.heard if isinstance(record.event, Warned)]
        assert len(warnings) == 1
        assert summary.run_dir in warnings[0].message


async def test_a_listener_that_fails_harms_nobody_and_one_that_left_hears_nothing(serve: Serve) -> None:
    async with serve() as serving:
        gone: list[str] = []
        unwatch = serving.service.watch(lambda root, run_id, record: gone.append(run_id))
        unwatch()
        unwatch()

        def fail(root: Path, run_id: str, record: object) -> None:
            raise RuntimeError("a broken session")

        serving.service.watch(fail)
        await serving.until(await serving.start("finish"), "finished")
        assert gone == []


def _read(path: Path) -> str:
    return path.read_text()


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]
