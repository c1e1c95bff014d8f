"""What will be trained: one student for all predictors or one for each, by which method, and why."""

from collections.abc import Callable, Mapping
from typing import Any

from msgspec import Struct

from tunesmith.optim.finetune.base_models import ModelDescription
from tunesmith.optim.finetune.data import Dataset
from tunesmith.optim.finetune.options import METHODS, Strategy
from tunesmith.optim.finetune.rows import Row
from tunesmith.optim.finetune.settings import TrainSettings
from tunesmith.optim.finetune.strategies import WORDS, pick_strategy, strategy_warnings
from tunesmith.protocol.student import Method

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

    if strategy in METHODS:
        method, separately = strategy, False
        why = [f"{WORDS[method][0].upper()}{WORDS[method][1:]} was asked for."]
        warnings = strategy_warnings(description, method, rows=len(dataset.train), tasks=len(tasks))
    else:
        pick = pick_strategy(
            description,
            rows=len(dataset.train),
            tasks=len(tasks),
            memory=lambda method: memory(settings(method, tasks)),
            free_bytes=free_bytes,
        )
        method, separately = pick.method, strategy == "auto" and not pick.multitask
        why, warnings = list(pick.why), list(pick.warnings)
    is_shared = len(tasks) == 1 or strategy == "multitask" or (multitask and not separately)
    groups = {tasks[0] if len(tasks) == 1 else SHARED: tasks} if is_shared else {name: [name] for name in tasks}
    return Plan(
        students=[PlannedStudent(name=name, settings=settings(method, names)) for name, names in groups.items()],
        why=why,
        warnings=warnings,
    )
