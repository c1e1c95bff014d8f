"""Training from the optimizer's side: rows are written, a process trains, what it reports becomes events of the run."""

import shutil
from collections.abc import Sequence
from pathlib import Path

import msgspec
from msgspec import Struct

from tunesmith.optim.finetune.rows import Row, write_rows
from tunesmith.optim.finetune.settings import TrainSettings
from tunesmith.optim.finetune.training.messages import (
    CHECKPOINTS,
    DevScored,
    Ended,
    Failed,
    Started,
    Stepped,
    TrainEvent,
    TrainSpec,
)
from tunesmith.optim.finetune.training.process import run_training
from tunesmith.optim.rollouts import Run, digest
from tunesmith.protocol import DevScored as DevScoredEvent
from tunesmith.protocol import StudentInfo, TrainingStarted, TrainingStep
from tunesmith.protocol.student import MANIFEST, ModelSource, Student, read_student

RECORD = "trained.json"
"""What a finished training was made from, and how it ended; beside the student's manifest."""
TRAIN_ROWS, DEV_ROWS = "train.jsonl", "dev.jsonl"


class Trained(Struct, frozen=True, kw_only=True):
    """A student, ready to answer."""

    folder: Path
    student: Student
    started: Started
    ended: Ended


class _Record(Struct, frozen=True, kw_only=True):
    made_from: str
    started: Started
    ended: Ended


def train_student(
    run: Run,
    source: ModelSource,
    settings: TrainSettings,
    train: Sequence[Row],
    dev: Sequence[Row],
    folder: Path,
) -> Trained:
    """Train one student on `train` in `folder`, its best step chosen by `dev`.

    Or take the one that lies there and was made from the very same. A training that an earlier execution of the run
    left unfinished goes on from its last checkpoint. Raises `FinetuneError`.
    """
    made_from = digest(*(msgspec.json.encode(part).decode() for part in (source, settings, list(train), list(dev))))
    if (known := _known(folder, made_from)) is not None:
        return known
    folder.mkdir(parents=True, exist_ok=True)
    write_rows(folder / TRAIN_ROWS, train)
    write_rows(folder / DEV_ROWS, dev)
    spec = TrainSpec(
        source=source,
        settings=settings,
        train=str(folder / TRAIN_ROWS),
        dev=str(folder / DEV_ROWS),
        folder=str(folder),
    )
    listener = _Listener(run, "+".join(settings.tasks))
    ended = run_training(spec, on_event=listener.hear, should_stop=lambda: run.stopped is not None)
    assert listener.started is not None
    if ended.stopped != "cancelled":
        # A student that was cut short is trained further when the run is resumed.
        record = _Record(made_from=made_from, started=listener.started, ended=ended)
        (folder / RECORD).write_bytes(msgspec.json.encode(record))
        shutil.rmtree(folder / CHECKPOINTS, ignore_errors=True)
    return Trained(folder=folder, student=read_student(folder), started=listener.started, ended=ended)


def student_info(trained: Trained, run_folder: Path | None) -> StudentInfo:
    """A student for the report, its path relative to the run's folder where it lies below it."""
    folder, student = trained.folder, trained.student
    is_inside = run_folder is not None and folder.is_relative_to(run_folder)
    path = folder.relative_to(run_folder) if is_inside and run_folder is not None else folder
    weights = [file for file in (folder / student.weights).rglob("*") if file.is_file()]
    return StudentInfo(
        path=str(path),
        model=student.source.name,
        method=student.method,
        tasks=student.tasks,
        weights_bytes=sum(file.stat().st_size for file in weights),
        fingerprint=student.fingerprint,
    )


def _known(folder: Path, made_from: str) -> Trained | None:
    try:
        record = msgspec.json.decode((folder / RECORD).read_bytes(), type=_Record)
        student = read_student(folder)
    except (OSError, msgspec.DecodeError):
        return None
    if record.made_from != made_from or not (folder / MANIFEST).exists():
        return None
    return Trained(folder=folder, student=student, started=record.started, ended=record.ended)


class _Listener:
    """Passes on what a training reports, as the run's own events."""

    def __init__(self, run: Run, name: str) -> None:
        self._run, self._name = run, name
        self.started: Started | None = None

    def hear(self, event: TrainEvent) -> None:
        match event:
            case Started():
                self._hear_start(event)
            case Stepped():
                self._run.emit(
                    TrainingStep(
                        student=self._name,
                        step=event.step,
                        steps=event.steps,
                        loss=event.loss,
                        tokens_per_second=event.tokens_per_second,
                        peak_bytes=event.peak_bytes,
                        eta_seconds=event.eta_seconds,
                    )
                )
            case DevScored():
                self._run.emit(
                    DevScoredEvent(
                        student=self._name, step=event.step, loss=event.loss, exact=event.exact, best=event.is_best
                    )
                )
            case Ended() | Failed():
                pass  # what `run_training` returns or raises

    def _hear_start(self, event: Started) -> None:
        self.started = event
        self._run.emit(
            TrainingStarted(
                student=self._name,
                device=event.device,
                parameters=event.parameters,
                trainable=event.trainable,
                rows=event.examples,
                refused=event.refused,
                steps=event.steps,
                layout=event.layout,
                resumed_at=event.resumed_at,
            )
        )
        if event.refused:
            left_out = ", ".join(f"{count} {reason}" for reason, count in event.refused.items())
            self._run.warn_once(f"Rows left out of training: {left_out}.")
