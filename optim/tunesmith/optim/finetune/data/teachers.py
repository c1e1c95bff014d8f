"""Teachers: programs that answer what a student is to learn."""

from collections.abc import Mapping, Sequence
from typing import Any

from tunesmith.optim.finetune.errors import NoSharedPredictor

Teaching = tuple[Any, Mapping[str, Any]]
"""A program, and the dspy settings it teaches under: its `lm`, its `adapter`."""


def check_teachers(student: Any, teachers: Sequence[Teaching]) -> None:
    """Before anything is spent: raises `NoSharedPredictor` where a teacher and the student share none by name."""
    students = [name for name, _ in student.named_predictors()]
    for program, _ in teachers:
        names = [name for name, _ in program.named_predictors()]
        if not set(names) & set(students):
            raise NoSharedPredictor(names, students)
