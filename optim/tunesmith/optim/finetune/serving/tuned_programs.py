"""Programs whose predictors answer through the model at hand, tuned or as it came."""

from collections.abc import Iterable, Sequence
from typing import Any

from tunesmith.optim.finetune.serving.load import load_student, load_untuned
from tunesmith.optim.finetune.training import Trained
from tunesmith.optim.rollouts import copy_program


def tuned_program(student: Any, trained: Sequence[Trained], *, exclude_demos: bool) -> Any:
    """A copy of `student` whose predictors answer through the students trained for them, others as before.

    `exclude_demos`: the former have no demos either. Raises `StudentMissing`.
    """
    program = copy_program(student)
    predictors = dict(program.named_predictors())
    for one in trained:
        for task in one.student.tasks:
            predictors[task].lm = load_student(one.folder, task=task)
            if exclude_demos:
                predictors[task].demos = []
    program._compiled = True
    return program


def untuned_program(program: Any, trained: Sequence[Trained]) -> Any:
    """A copy of `program` whose predictors answer through the very models their students were made from."""
    copied = copy_program(program)
    predictors = dict(copied.named_predictors())
    for one, task in _tasks(trained):
        predictors[task].lm = load_untuned(
            one.student.source, one.student.architecture, max_tokens=one.student.max_new_tokens
        )
    return copied


def _tasks(trained: Sequence[Trained]) -> Iterable[tuple[Trained, str]]:
    return ((one, task) for one in trained for task in one.student.tasks)
