"""One rendering of the traces, the students trained on it, and where these are kept."""

from pathlib import Path
from typing import Any

from msgspec import Struct

from tunesmith.optim.finetune.data import Dataset
from tunesmith.optim.finetune.forecast import Forecast
from tunesmith.optim.finetune.options import TrainingRequest
from tunesmith.optim.finetune.serving import tuned_program
from tunesmith.optim.finetune.strategies import Plan, plan_students
from tunesmith.optim.finetune.training import Trained, train_student
from tunesmith.optim.rollouts import Run
from tunesmith.protocol import Prediction
from tunesmith.protocol.folder_layout import STUDENTS_FOLDER
from tunesmith.protocol.models import models_dir
from tunesmith.protocol.student import ModelSource


class Attempt(Struct, frozen=True, kw_only=True):
    """What came of one way to render the traces."""

    name: str
    """Of its folder: the way reasoning was taught."""
    dataset: Dataset
    plan: Plan
    trained: list[Trained]
    predictions: list[Prediction]
    """What each training was thought to need, and what it needed."""
    program: Any
    """The program, answering through the students."""


def train_attempt(
    run: Run,
    student: Any,
    source: ModelSource,
    dataset: Dataset,
    request: TrainingRequest,
    *,
    exclude_demos: bool,
    folder: Path,
) -> Attempt:
    """Plan, check that it fits, train one student after the other in folders below `folder`.

    Raises `FinetuneError`, `MemoryTooSmall` before anything is trained.
    """
    forecast = Forecast(source, dataset)
    plan = plan_students(
        forecast.description, dataset.train, request, memory=forecast.memory, free_bytes=forecast.free_bytes
    )
    for planned in plan.students:
        forecast.check(planned.settings)
    trained: list[Trained] = []
    predictions: list[Prediction] = []
    for planned in plan.students:
        train, dev = planned.rows_of(dataset.train), planned.rows_of(dataset.dev)
        expected = forecast.predict(planned.settings, train)
        one = train_student(run, source, planned.settings, train, dev, folder / planned.name)
        trained.append(one)
        predictions += expected.against(one)
    return Attempt(
        name=folder.name,
        dataset=dataset,
        plan=plan,
        trained=trained,
        predictions=predictions,
        program=tuned_program(student, trained, exclude_demos=exclude_demos),
    )


def students_folder(given: str | Path | None, run_folder: Path | None, made_of: str) -> Path:
    """The folder given; else one in the run's folder; else one of the user's data folder for this very training, so
    that a script started again finds what it trained. `made_of`: a fingerprint of program, data and model."""
    if given is not None:
        return Path(given).expanduser().absolute()
    if run_folder is not None:
        return run_folder / STUDENTS_FOLDER
    return models_dir().parent / STUDENTS_FOLDER / made_of[:16]
