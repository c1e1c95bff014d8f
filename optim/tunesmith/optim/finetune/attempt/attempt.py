"""One rendering of the traces, and the students trained on it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from msgspec import Struct

from tunesmith.optim.finetune.attempt.plan import Plan, plan_students
from tunesmith.optim.finetune.data import Dataset
from tunesmith.optim.finetune.forecast import Forecast
from tunesmith.optim.finetune.options import Strategy
from tunesmith.optim.finetune.serving import tuned_program
from tunesmith.optim.finetune.training import Trained, train_student
from tunesmith.optim.rollouts import Run
from tunesmith.protocol import Prediction
from tunesmith.protocol.student import ModelSource


class Attempt(Struct, frozen=True, kw_only=True):
    name: str
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
    *,
    strategy: Strategy,
    multitask: bool,
    options: Mapping[str, Any],
    exclude_demos: bool,
    folder: Path,
) -> Attempt:
    """Plan, check that it fits, train one student after the other. Raises `FinetuneError`, `MemoryTooSmall` before
    anything is trained."""
    forecast = Forecast(source, dataset)
    plan = plan_students(
        forecast.description,
        dataset,
        strategy=strategy,
        multitask=multitask,
        options=options,
        memory=forecast.memory,
        free_bytes=forecast.free_bytes,
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
