"""The parent's side against stand-ins for the training process, and against the real one."""

import os
import select
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from support.students.mapping_task import mapping_spec
from tunesmith.optim.finetune.errors import DeviceLost, ExtraMissing, FinetuneError, LossNotFinite, TrainingDied
from tunesmith.optim.finetune.settings import LoraSettings, TrainSettings
from tunesmith.optim.finetune.training import process
from tunesmith.optim.finetune.training.messages import (
    DevScored,
    Ended,
    Failed,
    Started,
    Stepped,
    TrainEvent,
    TrainSpec,
)
from tunesmith.optim.finetune.training.process import run_training
from tunesmith.protocol.student import ModelSource

pytestmark = pytest.mark.finetune

ENDED = Ended(
    best_step=3,
    steps_made=4,
    loss=0.5,
    exact=1.0,
    seconds=2.0,
    examples_per_second=8.0,
    peak_bytes=10,
    tokens=100,
    stopped="finished",
)
SCORED = DevScored(step=3, loss=0.5, exact=1.0, is_best=True)


@pytest.fixture(autouse=True)
def no_thread_is_left() -> Iterator[None]:
    before = set(threading.enumerate())
    yield
    assert set(threading.enumerate()) <= before


@pytest.fixture
def stand_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., TrainSpec]:
    """Runs a script in the training's place; `TELL` in it writes an event."""

    def standing_in(script: str, *events: TrainEvent) -> TrainSpec:
        head = "import os, signal, subprocess, sys, time\n"
        lines = [msgspec.json.encode(event).decode() for event in events]
        head += f"EVENTS = {lines!r}\nTELL = lambda: print(EVENTS.pop(0), flush=True)\n"
        (tmp_path / "script.py").write_text(head + script)
        monkeypatch.setattr(process, "COMMAND", (sys.executable, str(tmp_path / "script.py")))
        return TrainSpec(
            source=ModelSource(name="tiny", kind="folder", path="nowhere"),
            settings=TrainSettings(tasks=["color"]),
            train="train.jsonl",
            dev="dev.jsonl",
            folder=str(tmp_path),
        )

    return standing_in


def run(spec: TrainSpec, should_stop: Callable[[], bool] = lambda: False, **options: Any) -> tuple[Ended, list[Any]]:
    events: list[TrainEvent] = []
    return run_training(spec, on_event=events.append, should_stop=should_stop, **options), events


def test_events_arrive_in_order_and_the_last_is_returned(stand_in: Callable[..., TrainSpec]) -> None:
    ended, events = run(stand_in("TELL(); print('noise', file=sys.stderr); TELL()", SCORED, ENDED))
    assert ended == ENDED
    assert events == [SCORED, ENDED]


@pytest.mark.parametrize(
    ("script", "says"),
    [
        (
            "TELL(); print('one\\n\\ntwo\\n', file=sys.stderr); sys.exit(3)",
            r"\(exit status 3\)\. It last said: two",
        ),
        ("TELL(); os.kill(os.getpid(), signal.SIGKILL)", r"killed, as the system does where memory runs out"),
        ("TELL(); os.kill(os.getpid(), signal.SIGSEGV)", r"signal SIGSEGV"),
        ("", r"exit status 0"),
    ],
)
def test_a_process_that_dies(stand_in: Callable[..., TrainSpec], script: str, says: str) -> None:
    with pytest.raises(TrainingDied, match=says):
        run(stand_in(script, SCORED))


@pytest.mark.parametrize(
    "error",
    [LossNotFinite(7, 0.1), DeviceLost("cuda:0", "gone"), ExtraMissing("peft"), FinetuneError("Alas.", "Go on.")],
)
def test_what_failed_over_there_is_raised_here(stand_in: Callable[..., TrainSpec], error: FinetuneError) -> None:
    failed = Failed(message=error.message, next_step=error.next_step, error=type(error).__name__)
    with pytest.raises(type(error)) as raised:
        run(stand_in("TELL(); sys.exit(1)", failed))
    assert type(raised.value) is type(error)
    assert str(raised.value) == str(error)
    assert raised.value.next_step == error.next_step


def test_a_soft_cancel_ends_its_standard_input(stand_in: Callable[..., TrainSpec]) -> None:
    cancelled = msgspec.structs.replace(ENDED, stopped="cancelled")
    events: list[TrainEvent] = []
    ended = run_training(
        stand_in("TELL(); sys.stdin.read(); TELL()", SCORED, cancelled),
        on_event=events.append,
        should_stop=lambda: bool(events),
    )
    assert ended == cancelled


def test_a_process_that_does_not_stop_is_killed(stand_in: Callable[..., TrainSpec]) -> None:
    spec = stand_in("signal.signal(signal.SIGTERM, signal.SIG_IGN)\nTELL()\nwhile True: time.sleep(1)", SCORED)
    events: list[TrainEvent] = []
    with pytest.raises(TrainingDied, match=r"it did not stop within 0\.2 s"):
        run_training(spec, on_event=events.append, should_stop=lambda: bool(events), grace_seconds=0.2)


def test_what_it_started_itself_ends_with_it(stand_in: Callable[..., TrainSpec], tmp_path: Path) -> None:
    """A child of its own that holds its output open."""
    child = "import time\nwhile True: time.sleep(1)"
    script = f"""
child = subprocess.Popen([sys.executable, "-c", {child!r}])
open({str(tmp_path / "child")!r}, "w").write(str(child.pid))
TELL()
"""
    ended, _ = run(stand_in(script, ENDED))
    assert ended == ENDED
    assert has_ended(int((tmp_path / "child").read_text()))


def test_it_ends_where_a_listener_fails(stand_in: Callable[..., TrainSpec], tmp_path: Path) -> None:
    script = f"open({str(tmp_path / 'pid')!r}, 'w').write(str(os.getpid()))\nTELL()\nwhile True: time.sleep(1)"

    def failing(event: TrainEvent) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        run_training(stand_in(script, SCORED), on_event=failing, should_stop=lambda: False)
    assert has_ended(int((tmp_path / "pid").read_text()))


def has_ended(pid: int) -> bool:
    """Waits for it: a kill is not over when the signal is sent."""
    try:
        process_file = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([process_file], [], [], 30)[0])
    finally:
        os.close(process_file)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("torch")
    pytest.importorskip("transformers")
    pytest.importorskip("peft")
    pytest.importorskip("accelerate")
    from support.students.tiny_models import tiny_model_folder

    return tiny_model_folder(tmp_path_factory.mktemp("model"), "smollm")


SETTINGS = TrainSettings(
    method="lora",
    tasks=["color", "opposite"],
    learning_rate=1e-2,
    epochs=4.0,
    evaluations=16,
    precision="fp32",
    threads=1,
    lora=LoraSettings(dropout=0.1),
)


class Killed(Exception):
    """Raised by a listener: the process is ended by SIGKILL."""


def test_resumed_after_a_kill_the_weights_are_bitwise_the_same(tmp_path: Path, model: Path) -> None:
    from tunesmith.optim.finetune.strategies.weights import weights_fingerprint
    from tunesmith.optim.finetune.training.student_training import carry_out

    killed = mapping_spec(model, tmp_path / "killed", SETTINGS, rows=120)
    scored: list[DevScored] = []

    def kill_at_the_third_scoring(event: TrainEvent) -> None:
        if isinstance(event, DevScored):
            scored.append(event)
            if len(scored) == 3:
                raise Killed

    with pytest.raises(Killed):
        run_training(killed, on_event=kill_at_the_third_scoring, should_stop=lambda: False)
    assert not (tmp_path / "killed" / "student.json").exists()
    ended, events = run(killed)
    assert isinstance(events[0], Started)
    assert events[0].resumed_at >= scored[1].step
    whole = mapping_spec(model, tmp_path / "whole", SETTINGS, rows=120)
    uninterrupted = carry_out(whole, lambda _: None, lambda: False)
    assert (ended.loss, ended.exact, ended.tokens) == (
        uninterrupted.loss,
        uninterrupted.exact,
        uninterrupted.tokens,
    )
    assert weights_fingerprint(tmp_path / "killed") == weights_fingerprint(tmp_path / "whole")


def test_a_cancelled_training_writes_its_student(tmp_path: Path, model: Path) -> None:
    from tunesmith.protocol.student import read_student

    settings = msgspec.structs.replace(SETTINGS, epochs=10_000.0)
    events: list[TrainEvent] = []
    ended = run_training(
        mapping_spec(model, tmp_path, settings, rows=40, dev=4),
        on_event=events.append,
        should_stop=lambda: any(isinstance(event, Stepped) for event in events),
    )
    assert ended.stopped == "cancelled"
    assert events[-1] == ended
    assert read_student(tmp_path).tasks == ["color", "opposite"]


def test_started_by_hand_it_stops_softly_on_a_signal(tmp_path: Path, model: Path) -> None:
    spec = mapping_spec(model, tmp_path, msgspec.structs.replace(SETTINGS, epochs=10_000.0), rows=40, dev=4)
    (tmp_path / "spec.json").write_bytes(msgspec.json.encode(spec))
    command = [*process.COMMAND, str(tmp_path / "spec.json")]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE) as training:
        assert training.stdout is not None
        events = [msgspec.json.decode(training.stdout.readline(), type=TrainEvent)]
        training.send_signal(signal.SIGTERM)
        events += [msgspec.json.decode(line, type=TrainEvent) for line in training.stdout]
    assert training.returncode == 0
    assert isinstance(events[0], Started)
    assert isinstance(events[-1], Ended)
    assert events[-1].stopped == "cancelled"


def test_a_failure_is_told_over_the_process_border(tmp_path: Path, model: Path) -> None:
    settings = msgspec.structs.replace(SETTINGS, method="full", learning_rate=1e19)
    with pytest.raises(LossNotFinite, match="at step"):
        run(mapping_spec(model, tmp_path, settings, rows=40, dev=4))
