"""Several processes train what one trains."""

import os
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")
pytest.importorskip("accelerate")

from safetensors.torch import load_file  # noqa: E402

from support.students.mapping_task import mapping_spec  # noqa: E402
from support.students.tiny_models import tiny_model_folder  # noqa: E402
from tunesmith.optim.finetune.settings import TrainSettings  # noqa: E402
from tunesmith.optim.finetune.training.messages import Ended, TrainEvent  # noqa: E402
from tunesmith.optim.finetune.training.process import COMMAND  # noqa: E402
from tunesmith.optim.finetune.training.student_training import carry_out  # noqa: E402

pytestmark = pytest.mark.finetune

LAUNCHER = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc_per_node", "2"]


def test_two_processes_train_what_one_trains(tmp_path: Path) -> None:
    """Nine examples a step in small batches: the processes have neither equally many examples nor batches."""
    model = tiny_model_folder(tmp_path / "model", "smollm")
    settings = TrainSettings(
        method="full",
        tasks=["color"],
        learning_rate=1e-3,
        batch_examples=9,
        batch_tokens=100,
        epochs=1.0,
        evaluations=2,
        precision="fp32",
        threads=1,
    )
    alone = carry_out(mapping_spec(model, tmp_path / "one", settings, rows=64, dev=11), lambda _: None, lambda: False)
    spec = mapping_spec(model, tmp_path / "two", settings, rows=64, dev=11)
    (tmp_path / "spec.json").write_bytes(msgspec.json.encode(spec))
    told = subprocess.run(
        [
            sys.executable,
            "-m",
            "torch.distributed.run",
            "--standalone",
            "--nproc_per_node",
            "2",
            *COMMAND[1:],
            "spec.json",
        ],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        cwd=tmp_path,
        env={**os.environ, "ACCELERATE_USE_CPU": "true"},
        check=True,
    ).stdout
    events = [msgspec.json.decode(line, type=TrainEvent) for line in told.splitlines()]
    together = events[-1]
    assert isinstance(together, Ended)
    assert (together.best_step, together.steps_made, together.exact) == (alone.best_step, alone.steps_made, alone.exact)
    assert together.loss == pytest.approx(alone.loss, rel=1e-4)
    one, two = (load_file(tmp_path / name / "model" / "model.safetensors") for name in ("one", "two"))
    for name, weight in one.items():
        assert torch.allclose(two[name], weight, rtol=1e-3, atol=1e-4), name
