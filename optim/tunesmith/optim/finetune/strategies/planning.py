"""What will be trained: one student for all predictors or one for each, by which method, and why."""

from collections.abc import Callable, Sequence

from msgspec import Struct

from tunesmith.optim.finetune.base_models import ModelDescription
from tunesmith.optim.finetune.options import METHODS, TrainingRequest
from tunesmith.optim.finetune.rows import Row
from tunesmith.optim.finetune.settings import TrainSettings
from tunesmith.optim.finetune.strategies.picker import asked_for, pick_strategy, strategy_warnings
from tunesmith.protocol.student import Method

SHARED = "all"
"""Name of the folder of a student that serves several predictors."""


class PlannedStudent(Struct, frozen=True, kw_only=True):
    """One student to be trained, for the predictors in `settings.tasks`."""

    name: str
    """Of its folder: a predictor's, or `all`."""
    settings: TrainSettings

    def rows_of(self, rows: Sequence[Row]) -> list[Row]:
        """Those of the predictors it is trained for, in their order."""
        return [row for row in rows if row.predictor in self.settings.tasks]


class Plan(Struct, frozen=True, kw_only=True):
    """The students to be trained, and in words for the user why these and what speaks against them."""

    students: list[PlannedStudent]
    why: list[str]
    warnings: list[str]


def plan_students(
    description: ModelDescription,
    rows: Sequence[Row],
    request: TrainingRequest,
    *,
    memory: Callable[[TrainSettings], int],
    free_bytes: int,
) -> Plan:
    """Students of the model described, to be trained on `rows`, as `request` says or else as suits.

    `memory`: bytes a training with these settings needs at its peak. Raises `MemoryTooSmall` where a method is to be
    picked and none fits into `free_bytes`.
    """
    strategy = request.strategy
    tasks = list(dict.fromkeys(row.predictor for row in rows))

    def settings(method: Method, names: list[str]) -> TrainSettings:
        longest = min(TrainSettings(tasks=[]).max_tokens, description.context or 1 << 30)
        return TrainSettings(method=method, tasks=names, **{"max_tokens": longest, **request.options})

    if strategy in METHODS:
        method, separately = strategy, False
        why = [asked_for(method)]
        warnings = strategy_warnings(description, method, rows=len(rows), tasks=len(tasks))
    else:
        pick = pick_strategy(
            description,
            rows=len(rows),
            tasks=len(tasks),
            memory=lambda method: memory(settings(method, tasks)),
            free_bytes=free_bytes,
        )
        method, separately = pick.method, strategy == "auto" and not pick.multitask
        why, warnings = list(pick.why), list(pick.warnings)
    is_shared = len(tasks) == 1 or strategy == "multitask" or (request.multitask and not separately)
    groups = {tasks[0] if len(tasks) == 1 else SHARED: tasks} if is_shared else {name: [name] for name in tasks}
    return Plan(
        students=[PlannedStudent(name=name, settings=settings(method, names)) for name, names in groups.items()],
        why=why,
        warnings=warnings,
    )
