"""The program that teaches, and whether its student can learn from it."""

import random
from collections.abc import Sequence

from tunesmith.optim.demos.draws import sample_labeled
from tunesmith.optim.dspy_types import Example, Program
from tunesmith.optim.rollouts import copy_program, reset_copy


def prepare_teacher(
    student: Program, teacher: Program | None, trainset: Sequence[Example], *, max_labeled: int, seed: int
) -> Program:
    """A copy of the teacher, or of the student where there is none. One that was not compiled gets labelled
    examples, as in dspy.

    Raises `AssertionError` where the two differ in predictors or signatures.
    """
    teacher = student if teacher is None else teacher
    if max_labeled and not getattr(teacher, "_compiled", False):
        prepared = reset_copy(teacher)
        draw = random.Random(seed)
        for predictor in prepared.predictors():
            predictor.demos = sample_labeled(predictor, trainset, max_labeled, draw)
    else:
        prepared = copy_program(teacher)
    _check_structure(student, prepared)
    return prepared


def _check_structure(student: Program, teacher: Program) -> None:
    students, teachers = student.named_predictors(), teacher.named_predictors()
    if len(students) != len(teachers):
        raise AssertionError("Student and teacher must have the same number of predictors.")
    for (name, predictor), (teacher_name, teacher_predictor) in zip(students, teachers, strict=True):
        if name != teacher_name:
            raise AssertionError("Student and teacher must have the same program structure.")
        if not predictor.signature.equals(teacher_predictor.signature):
            raise AssertionError(
                "Student and teacher must have the same signatures. "
                f"{name}: {predictor.signature.signature} != {teacher_predictor.signature.signature}"
            )
