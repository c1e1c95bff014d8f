"""The service with the real worker, on a small real program whose model counts its calls."""

import os
import signal
import sys
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import pytest

from support.workspaces.bank_workspace import Bank
from tunesmith.protocol.store import open_reader
from tunesmith.server.workspace.workspace import Workspace

Serve = Callable[..., AbstractAsyncContextManager[Any]]
TARGET = {"target": "triage", "interpreter": sys.executable}


@pytest.fixture
def bank(root: Path) -> Bank:
    return Bank(root)


def indexed(root: Path) -> Workspace:
    workspace = Workspace(root)
    workspace.refresh()
    return workspace


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DSPY_CACHEDIR", str(tmp_path / "dspy-cache"))


async def test_an_evaluation(serve: Serve, bank: Bank) -> None:
    async with serve(workspace=indexed(bank.root)) as serving:
        serving.environment = dict(os.environ)
        run_id = await serving.start("real", optimizer="evaluate", **TARGET)
        await serving.until_resting(run_id)
        summary = serving.summary(run_id)
        assert summary.error is None
        assert summary.status == "finished"
        assert summary.report is not None
        assert summary.report.baseline.score == 0.5
        assert serving.service.snapshot(bank.root).of("triage").evaluated == summary
        detail = serving.detail(run_id, example=0)
        assert detail.rollouts
        assert {call.rollout for call in detail.calls} == {rollout.key for rollout in detail.rollouts}
    with open_reader(Path(summary.run_dir)) as reader:
        assert bank.calls() == reader.totals().calls == summary.report.calls


@pytest.mark.faults
async def test_a_killed_worker_is_resumed_without_a_committed_call_made_twice(serve: Serve, bank: Bank) -> None:
    bank.slow_down(0.05)
    async with serve(workspace=indexed(bank.root)) as serving:
        serving.environment = dict(os.environ)
        run_id = await serving.start("real", threads=2, **TARGET)
        await serving.until_progress(run_id, 3)
        os.kill(serving.worker_pid(run_id), signal.SIGKILL)
        await serving.until_resting(run_id)
        assert serving.summary(run_id).status == "failed"
        bank.slow_down(0.0)
        serving.heard.clear()
        await serving.resume(run_id, "real")
        await serving.until_resting(run_id)
        summary = serving.summary(run_id)
        assert summary.status == "finished"
        assert serving.service.artifact_text(bank.root, run_id)
    with open_reader(Path(summary.run_dir)) as reader:
        committed = reader.totals().calls
    assert committed <= bank.calls() <= committed + 2  # what two threads had in flight


async def test_code_that_fails_at_import_is_the_user_s_to_mend(serve: Serve, bank: Bank) -> None:
    bank.source.write_text("import os\n\nraise RuntimeError('not today')\n" + bank.source.read_text())
    async with serve(workspace=indexed(bank.root)) as serving:
        serving.environment = dict(os.environ)
        run_id = await serving.start("real", optimizer="evaluate", **TARGET)
        await serving.until_resting(run_id)
        summary = serving.summary(run_id)
    assert summary.status == "failed"
    assert "not today" in str(summary.error)
    assert "triage.py:3" in str(summary.error)
