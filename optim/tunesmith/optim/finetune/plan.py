"""What will be trained: one student for all predictors or one for each, by which method, and why."""

from collections.abc import Callable, Mapping
from typing import Any

from msgspec import Struct

from tunesmith.optim.finetune.data.dataset import Dataset
from tunesmith.optim.finetune.models.description import ModelDescription
from tunesmith.optim.finetune.options import METHODS, Strategy
from tunesmith.optim.finetune.rows import Row
from tunesmith.optim.finetune.settings import Method, TrainSettings
from tunesmith.optim.finetune.strategies.picker import pick_strategy

SHARED = "all"
"""Name of the folder of a student that serves several predictors."""


class PlannedStudent(Struct, frozen=True, kw_only=True):
    name: str
    """Of its folder: a predictor's, or `all`."""
    settings: TrainSettings

    def rows_of(self, rows: list[Row]) -> list[Row]:
        return [row for row in rows if row.predictor in self.settings.tasks]


class Plan(Struct, frozen=True, kw_only=True):
    students: list[PlannedStudent]
    why: list[str]
    warnings: list[str]


def plan_students(
    description: ModelDescription,
    dataset: Dataset,
    *,
    strategy: Strategy,
    multitask: bool,
    options: Mapping[str, Any],
    memory: Callable[[TrainSettings], int],
    free_bytes: int,
) -> Plan:
    """`memory`: bytes a training with these settings needs at its peak."""
    tasks = list(dict.fromkeys(row.predictor for row in dataset.train))

    def settings(method: Method, names: list[str]) -> TrainSettings:
        given = {"max_tokens": min(TrainSettings(tasks=[]).max_tokens, description.context or 1 << 30), **options}
        return TrainSettings(method=method, tasks=names, **given)

    pick = pick_strategy(
        description,
        rows=len(dataset.train),
        tasks=len(tasks),
        memory=lambda method: memory(settings(method, tasks)),
        free_bytes=free_bytes,
    )
    method: Method = strategy if strategy in METHODS else pick.method
    asked = [f"{method} was asked for."] if strategy in METHODS else list(pick.why)
    is_shared = len(tasks) == 1 or multitask or strategy == "multitask"
    groups = {tasks[0] if len(tasks) == 1 else SHARED: tasks} if is_shared else {name: [name] for name in tasks}
    if len(tasks) > 1:
        asked.append(
            f"One student learns all {len(tasks)} predictors." if is_shared else "Each predictor gets its own student."
        )
    return Plan(
        students=[PlannedStudent(name=name, settings=settings(method, names)) for name, names in groups.items()],
        why=asked,
        warnings=list(pick.warnings),
    )
