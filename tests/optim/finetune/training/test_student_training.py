"""Whole trainings of tiny models, in this process."""

import errno
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

import msgspec
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")
pytest.importorskip("peft")
pytest.importorskip("accelerate")

from safetensors.torch import load_file, save_file  # noqa: E402

from support.students.mapping_task import mapping_rows, mapping_spec  # noqa: E402
from support.students.tiny_models import Kind, tiny_model, tiny_model_folder, tiny_tokenizer  # noqa: E402
from tunesmith.optim.finetune.base_models.loading import load_model, load_tokenizer  # noqa: E402
from tunesmith.optim.finetune.batching.encoding import encode_what_fits  # noqa: E402
from tunesmith.optim.finetune.errors import CheckpointNotWritten, LossNotFinite  # noqa: E402
from tunesmith.optim.finetune.prompting.for_model import prompting_for  # noqa: E402
from tunesmith.optim.finetune.rows import read_rows, write_rows  # noqa: E402
from tunesmith.optim.finetune.settings import LoraSettings, TrainSettings  # noqa: E402
from tunesmith.optim.finetune.strategies.weights import attach_weights, weights_fingerprint  # noqa: E402
from tunesmith.optim.finetune.training import checkpoint  # noqa: E402
from tunesmith.optim.finetune.training.messages import (  # noqa: E402
    DevScored,
    Ended,
    Started,
    Stepped,
    TrainEvent,
    TrainSpec,
)
from tunesmith.optim.finetune.training.student_training import carry_out  # noqa: E402
from tunesmith.protocol.student import read_student  # noqa: E402

pytestmark = pytest.mark.finetune

BOTH = ["color", "opposite"]


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Kind], Path]:
    """Folders of tiny models, one a kind. Random causal weights are spread, or low-rank changes could say little."""
    made: dict[Kind, Path] = {}

    def folder(kind: Kind) -> Path:
        if kind not in made:
            made[kind] = tmp_path_factory.mktemp(kind)
            if kind == "t5":
                tiny_model_folder(made[kind], kind)
            else:
                model = tiny_model(kind)
                with torch.no_grad():
                    for weight in model.parameters():
                        weight.mul_(4.0 if weight.ndim == 2 else 1.0)
                model.save_pretrained(made[kind])
                tiny_tokenizer(kind).save_pretrained(made[kind])
        return made[kind]

    return folder


def settings_of(**changes: Any) -> TrainSettings:
    defaults: dict[str, Any] = {
        "method": "lora",
        "tasks": ["color"],
        "learning_rate": 1e-2,
        "batch_examples": 16,
        "epochs": 6.0,
        "precision": "fp32",
        "threads": 1,
        "evaluations": 6,
    }
    return TrainSettings(**{**defaults, **changes})


def train(spec: TrainSpec, should_stop: Callable[[], bool] = lambda: False) -> tuple[Ended, list[TrainEvent]]:
    events: list[TrainEvent] = []
    return carry_out(spec, events.append, should_stop), events


def scorings(events: list[TrainEvent]) -> list[DevScored]:
    return [event for event in events if isinstance(event, DevScored)]


@pytest.mark.parametrize(
    ("kind", "method", "tasks", "rate"),
    [
        ("smollm", "full", ["color"], 3e-3),
        ("smollm", "lora", BOTH, 1e-2),
        ("t5", "full", BOTH, 3e-3),
        ("t5", "lora", ["color"], 3e-3),
    ],
)
def test_learns_a_mapping(
    tmp_path: Path, models: Callable[[Kind], Path], kind: Kind, method: Any, tasks: list[str], rate: float
) -> None:
    spec = mapping_spec(models(kind), tmp_path, settings_of(method=method, tasks=tasks, learning_rate=rate))
    ended, events = train(spec)
    assert ended.exact > 0.95
    assert ended.stopped == "finished"
    started = events[0]
    assert isinstance(started, Started)
    assert (started.examples, started.steps, started.refused, started.resumed_at) == (320, 120, {}, 0)
    assert started.trainable == started.parameters if method == "full" else started.trainable < started.parameters
    assert ("packed" in started.layout) is (kind == "smollm")
    student = read_student(tmp_path)
    assert (student.tasks, student.method, student.weights) == (
        tasks,
        method,
        "model" if method == "full" else "adapter",
    )
    assert student.fingerprint == weights_fingerprint(tmp_path)
    assert answers_right(spec) == pytest.approx(ended.exact)


def answers_right(spec: TrainSpec) -> float:
    """Share of the development rows that the student on disk answers, by generating."""
    base = None if read_student(Path(spec.folder)).weights == "model" else load_model(spec.source)
    model = attach_weights(base, Path(spec.folder))
    bare = model.get_base_model() if hasattr(model, "peft_config") else model
    seq2seq = bare.config.is_encoder_decoder
    prompting = prompting_for(load_tokenizer(spec.source), "seq2seq" if seq2seq else "causal")
    rows = read_rows(Path(spec.dev))
    encoded, _ = encode_what_fits(rows, prompting, spec.settings)
    right = 0
    for row, one in zip(rows, encoded, strict=True):
        ids = torch.tensor([one.prompt])
        given = model.generate(
            input_ids=ids,
            attention_mask=torch.ones_like(ids),
            max_new_tokens=len(one.target),
            do_sample=False,
            eos_token_id=list(prompting.end_ids),
            pad_token_id=0,
        )[0].tolist()
        said = given[1:] if seq2seq else given[len(one.prompt) :]
        right += prompting.answer(said, row.messages) == row.target
    return right / len(rows)


@pytest.mark.parametrize("tasks", [["color"], BOTH], ids=["one task", "two tasks"])
@pytest.mark.parametrize("kind", ["smollm", "t5"])
def test_a_soft_prompt_lowers_the_loss(
    tmp_path: Path, models: Callable[[Kind], Path], kind: Kind, tasks: list[str]
) -> None:
    settings = settings_of(method="prompt", tasks=tasks, learning_rate=0.1, epochs=3.0, evaluations=30)
    ended, events = train(mapping_spec(models(kind), tmp_path, settings))
    assert ended.loss < scorings(events)[0].loss - 0.3
    assert read_student(tmp_path).weights == "adapter"


def test_events_say_how_it_goes(tmp_path: Path, models: Callable[[Kind], Path]) -> None:
    ended, events = train(mapping_spec(models("smollm"), tmp_path, settings_of(epochs=1.0, evaluations=3)))
    last = [event for event in events if isinstance(event, Stepped)][-1]
    assert (last.step, last.steps, last.eta_seconds) == (20, 20, 0.0)
    assert 0 < last.loss < 10
    assert last.tokens_per_second > last.examples_per_second > 0
    assert last.peak_bytes > 50e6
    assert [event.step for event in scorings(events)] == [7, 13, 20]
    assert ended.steps_made == 20
    assert ended.seconds > 0
    assert 320 * 3 < ended.tokens < 320 * 100


def test_rows_that_cannot_be_trained_on_are_counted(tmp_path: Path, models: Callable[[Kind], Path]) -> None:
    spec = mapping_spec(models("t5"), tmp_path, settings_of(epochs=0.1), rows=300, dev=4)
    rows = read_rows(Path(spec.train))
    long = msgspec.structs.replace(rows[0], target="red " * 3000)
    write_rows(Path(spec.train), [*rows, long, long])
    _, events = train(spec)
    started = events[0]
    assert isinstance(started, Started)
    assert (started.examples, started.refused) == (300, {"longer than 2048 tokens": 2})


def test_early_stopping_keeps_the_best(tmp_path: Path, models: Callable[[Kind], Path]) -> None:
    """Development rows whose labels contradict what is learned: the better it fits, the worse they get."""
    settings = settings_of(method="full", learning_rate=3e-3, evaluations=60, patience=2)
    spec = mapping_spec(models("smollm"), tmp_path, settings)
    swapped = {"red": "green", "green": "blue", "blue": "card", "card": "cash", "cash": "red"}
    rows = read_rows(Path(spec.dev))
    write_rows(Path(spec.dev), [msgspec.structs.replace(row, target=swapped[row.target]) for row in rows])
    ended, events = train(spec)
    scored = scorings(events)
    assert ended.stopped == "no better for a while"
    assert ended.steps_made == scored[-1].step < 120
    assert [event.is_best for event in scored[-3:]] == [True, False, False]
    best = scored[-3]
    assert (ended.best_step, ended.loss, ended.exact) == (best.step, best.loss, best.exact)
    assert min(event.loss for event in scored) == best.loss
    kept = checkpoint.load_weights(tmp_path / "checkpoints", best.step)
    written = load_file(tmp_path / "model" / "model.safetensors")
    assert all(torch.equal(kept[f"model.{name}"], tensor) for name, tensor in written.items())
    # Started again, there is nothing left to do.
    again, more = train(spec)
    assert again == msgspec.structs.replace(ended, peak_bytes=again.peak_bytes)
    assert [type(event) for event in more] == [Started]


@pytest.mark.parametrize("after", [2, 15])
def test_a_cancelled_training_leaves_a_student_and_goes_on_later(
    tmp_path: Path, models: Callable[[Kind], Path], after: int
) -> None:
    """Before the first scoring, after step 10, and after it."""
    settings = settings_of(epochs=2.0, evaluations=4, lora=LoraSettings(dropout=0.1))
    spec = mapping_spec(models("smollm"), tmp_path / "cancelled", settings)
    asked = count(1)
    ended, events = train(spec, lambda: next(asked) >= after)
    assert ended.stopped == "cancelled"
    assert ended.steps_made == after
    assert ended.best_step == (10 if after > 10 else after)
    assert read_student(tmp_path / "cancelled").fingerprint == weights_fingerprint(tmp_path / "cancelled")
    resumed, events = train(spec)
    assert isinstance(events[0], Started)
    assert events[0].resumed_at == after
    whole = msgspec.structs.replace(spec, folder=str(tmp_path / "whole"))
    uninterrupted, _ = train(whole)
    assert (resumed.loss, resumed.exact, resumed.tokens) == (
        uninterrupted.loss,
        uninterrupted.exact,
        uninterrupted.tokens,
    )
    assert weights_fingerprint(tmp_path / "cancelled") == weights_fingerprint(tmp_path / "whole")


def test_a_loss_that_is_no_number_keeps_the_best(tmp_path: Path, models: Callable[[Kind], Path]) -> None:
    settings = settings_of(method="full", epochs=1.0, evaluations=20, learning_rate=1e19, warmup=0.5)
    with pytest.raises(LossNotFinite, match=r"at step \d+\. Lower the learning rate"):
        train(mapping_spec(models("smollm"), tmp_path, settings))
    (newest,) = sorted((tmp_path / "checkpoints").glob("step-*"))[-1:]
    assert all(tensor.isfinite().all() for tensor in load_file(newest / "weights.safetensors").values())


def test_a_full_disk_is_told_and_the_training_can_go_on(
    tmp_path: Path, models: Callable[[Kind], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = mapping_spec(models("smollm"), tmp_path, settings_of(epochs=1.0, evaluations=4))
    written = count(1)

    def fills_up(*arguments: Any) -> None:
        if next(written) > 2:
            raise OSError(errno.ENOSPC, "No space left on device")
        save_file(*arguments)

    monkeypatch.setattr(checkpoint, "save_file", fills_up)
    with pytest.raises(CheckpointNotWritten, match="No space left on device"):
        train(spec)
    monkeypatch.undo()
    ended, events = train(spec)
    assert isinstance(events[0], Started)
    assert events[0].resumed_at == 5
    assert ended.stopped == "finished"


def test_without_development_rows_the_training_rows_stand_in(tmp_path: Path, models: Callable[[Kind], Path]) -> None:
    ended, events = train(mapping_spec(models("t5"), tmp_path, settings_of(epochs=0.5), rows=32, dev=0))
    assert scorings(events)
    assert ended.loss > 0


def test_a_row_fits_the_positions_a_model_has(tmp_path: Path, models: Callable[[Kind], Path]) -> None:
    spec = mapping_spec(models("smollm"), tmp_path, settings_of(epochs=0.1, max_tokens=100_000), rows=40, dev=4)
    rows = mapping_rows(1)
    long = msgspec.structs.replace(rows[0], target="red " * 2000)
    write_rows(Path(spec.train), [*read_rows(Path(spec.train)), long])
    _, events = train(spec)
    assert isinstance(events[0], Started)
    assert events[0].refused == {"longer than 2048 tokens": 1}
