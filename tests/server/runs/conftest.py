import shlex
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tunesmith.protocol import ConfiguredTarget, RunSpec
from tunesmith.server.runs.supervisor import Patience


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
def quick() -> Patience:
    """Waits that only a test of waiting reaches the end of."""
    return Patience(hello=30, soft_stop=30, exit=10)


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
