import errno
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")

from tunesmith.optim.finetune.errors import CheckpointNotWritten  # noqa: E402
from tunesmith.optim.finetune.settings import TrainSettings  # noqa: E402
from tunesmith.optim.finetune.training import checkpoint  # noqa: E402
from tunesmith.optim.finetune.training.checkpoint import (  # noqa: E402
    Best,
    Progress,
    latest_checkpoint,
    load_optimizer,
    load_weights,
    save_checkpoint,
)
from tunesmith.optim.finetune.training.optimizers import make_optimizer  # noqa: E402

pytestmark = pytest.mark.finetune

EMPTY: dict[str, Any] = {"state": {}, "param_groups": []}


def progress_at(step: int, best: int | None = None) -> Progress:
    return Progress(step=step, best=None if best is None else Best(step=best, loss=0.1 + best / 3, exact=1 / 3))


def save(folder: Path, step: int, best: int | None = None, training: str = "one") -> None:
    save_checkpoint(folder, training, progress_at(step, best), {"w": torch.full((2,), float(step))}, EMPTY)


def steps_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_the_newest_two_and_the_best_are_kept(tmp_path: Path) -> None:
    for step, best in [(1, None), (2, 2), (3, 2), (4, 2), (5, 2), (6, 6)]:
        save(tmp_path, step, best)
    # The best of either: where the newest cannot be read, the one before it has its own.
    assert steps_in(tmp_path) == ["step-00000002", "step-00000005", "step-00000006"]
    save(tmp_path, 7, 6)
    save(tmp_path, 8, 6)
    assert steps_in(tmp_path) == ["step-00000006", "step-00000007", "step-00000008"]
    saved = latest_checkpoint(tmp_path, "one")
    assert saved is not None
    assert saved.progress == progress_at(8, 6)
    assert load_weights(tmp_path, 6)["w"].tolist() == [6.0, 6.0]


def test_nothing_of_another_training_is_taken(tmp_path: Path) -> None:
    assert latest_checkpoint(tmp_path / "absent", "one") is None
    save(tmp_path, 1, training="one")
    save(tmp_path, 5, training="another")
    saved = latest_checkpoint(tmp_path, "one")
    assert saved is not None
    assert saved.progress.step == 1
    assert steps_in(tmp_path) == ["step-00000001"]


def test_what_a_kill_left_half_written_is_removed(tmp_path: Path) -> None:
    save(tmp_path, 1)
    (tmp_path / ".step-00000002").mkdir()
    (tmp_path / ".step-00000002" / "weights.safetensors").write_bytes(b"half")
    saved = latest_checkpoint(tmp_path, "one")
    assert saved is not None
    assert saved.progress.step == 1
    assert steps_in(tmp_path) == ["step-00000001"]


@pytest.mark.parametrize("name", ["adamw", "adamw-fused", "adafactor"])
def test_an_optimizer_goes_on_as_if_nothing_had_happened(tmp_path: Path, name: Any) -> None:
    settings = TrainSettings(tasks=["a"], optimizer=name, weight_decay=0.1)

    def made() -> tuple[Any, Any]:
        torch.manual_seed(0)
        model = torch.nn.Linear(4, 4)
        return model, make_optimizer(model, settings, 0.1)

    def step(model: Any, optimizer: Any, number: int) -> None:
        torch.manual_seed(number)
        model(torch.randn(3, 4)).square().sum().backward()
        optimizer.step()
        optimizer.zero_grad()

    model, optimizer = made()
    for number in range(3):
        step(model, optimizer, number)
    save_checkpoint(tmp_path, "one", progress_at(3), dict(model.named_parameters()), optimizer.state_dict())
    resumed, resumed_optimizer = made()
    saved = latest_checkpoint(tmp_path, "one")
    assert saved is not None
    resumed.load_state_dict(load_weights(tmp_path, 3))
    resumed_optimizer.load_state_dict(load_optimizer(tmp_path, saved))
    for number in range(3, 6):
        step(model, optimizer, number)
        step(resumed, resumed_optimizer, number)
    assert all(torch.equal(one, other) for one, other in zip(model.parameters(), resumed.parameters(), strict=True))
    assert not any(path.suffix in (".pt", ".bin", ".pkl") for path in tmp_path.rglob("*"))


def out_of_space(*_: object, **__: object) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


def half_written(tensors: object, path: Path) -> None:
    path.write_bytes(b"half")
    out_of_space()


@pytest.mark.parametrize(
    ("name", "failing"), [("save_file", half_written), ("_flush", out_of_space)], ids=["writing", "flushing"]
)
def test_a_full_disk_leaves_the_checkpoint_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, failing: Callable[..., None]
) -> None:
    save(tmp_path, 1)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    monkeypatch.setattr(checkpoint, name, failing)
    with pytest.raises(CheckpointNotWritten, match="cannot be written: No space left on device"):
        save(tmp_path, 2)
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before
    assert steps_in(tmp_path) == ["step-00000001"]


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(CheckpointNotWritten, match="Not a directory"):
        save(tmp_path / "file", 1)
