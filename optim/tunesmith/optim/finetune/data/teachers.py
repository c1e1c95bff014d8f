"""Teachers: programs that answer what a student is to learn."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from tunesmith.optim.finetune.errors import NoSharedPredictor

Teaching = tuple[Any, Mapping[str, Any]]
"""A program, and the dspy settings it teaches under: its `lm`, its `adapter`."""


def check_teachers(student: Any, teachers: Sequence[Teaching]) -> list[str]:
    """Warnings about predictors that teacher and student do not share, before anything is spent.

    Raises `NoSharedPredictor` where a teacher shares none.
    """
    students = [name for name, _ in student.named_predictors()]
    taught = set[str]()
    warnings = []
    for number, (program, _) in enumerate(teachers):
        names = [name for name, _ in program.named_predictors()]
        if not set(names) & set(students):
            raise NoSharedPredictor(names, students)
        taught |= set(names)
        if strange := [name for name in names if name not in students]:
            warnings.append(
                f"Teacher {number + 1}: what {_listed(strange)} says is left out; the student has no such predictor."
            )
    if untaught := [name for name in students if name not in taught]:
        warnings.append(f"No teacher has a predictor {_listed(untaught)}: the student learns nothing for it.")
    return warnings


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)
