"""Teachers: programs that answer what a student is to learn, and what they are asked."""

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct

from tunesmith.optim.finetune.errors import NoSharedPredictor

Teaching = tuple[Any, Mapping[str, Any]]
"""A program, and the dspy settings it teaches under: its `lm`, its `adapter`."""


class Curriculum(Struct, frozen=True, kw_only=True):
    """Who teaches what, and how often."""

    teachers: Sequence[Teaching]
    samples: int = 1
    """Times each teacher answers each example; every time but the first is sampled afresh."""
    places: Sequence[int] | None = None
    """Of the examples taught; None: all."""


def check_teachers(student: Any, teachers: Sequence[Teaching]) -> list[str]:
    """Warnings about predictors only a teacher has, before anything is spent.

    Raises `NoSharedPredictor` where a teacher and the student have none of the same name.
    """
    students = [name for name, _ in student.named_predictors()]
    warnings = []
    for number, (program, _) in enumerate(teachers, start=1):
        names = [name for name, _ in program.named_predictors()]
        if not set(names) & set(students):
            raise NoSharedPredictor(names, students)
        if strange := ", ".join(f"`{name}`" for name in names if name not in students):
            warnings.append(f"The student has no {strange}: what teacher {number} says there is left out.")
    return warnings
