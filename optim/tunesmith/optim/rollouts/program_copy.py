"""Copies of a program for rollouts: cheap, apart from each other, watched, and calling their LMs through the run.

A rollout gets its own deep copy. LMs and the examples inside demos are the exception: LMs are replaced by their
wrappers wherever the program holds them (predictors' own, attributes, lists), and demo examples, which no module
changes in place, are shared.
"""

import copy
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from tunesmith.optim.dspy_types import LanguageModel, Program
from tunesmith.optim.rollouts.run import Run
from tunesmith.optim.rollouts.watch import watch

P = TypeVar("P", bound=Program)


class ProgramSource:
    """Makes copies of one program, as it stood when this was made."""

    def __init__(self, run: Run, program: Program, resample: Callable[[Any], Any] = lambda lm: lm) -> None:
        """`resample` is applied to every wrapped LM of the program."""
        wrappers = {id(lm): resample(run.wrap(lm)) for lm in find_lms(program)}
        uncopyable: list[Any] = []
        self._template: Program = _copy_what_can_be(program, wrappers, uncopyable)
        watch(self._template)
        shared = [*find_lms(self._template), *_demo_examples(self._template), *uncopyable]
        self._shared = {id(item): item for item in shared}

    def copy(self) -> Program:
        """A copy of its own for one rollout."""
        return copy.deepcopy(self._template, dict(self._shared))


def copy_program(program: P) -> P:
    """A deep copy that shares the LMs, which are part of the program's surroundings: clients, history, caches."""
    copied: P = _copy_what_can_be(program, {id(lm): lm for lm in find_lms(program)}, [])
    return copied


def reset_copy(program: P) -> P:
    """As dspy's: without demos and traces. Other than dspy's, predictors keep LMs of their own."""
    copied = copy_program(program)
    lms = {name: predictor.lm for name, predictor in copied.named_predictors()}
    module: Any = copied
    for parameter in module.parameters():
        parameter.reset()
    for name, predictor in copied.named_predictors():
        predictor.lm = lms[name]
    return copied


def find_lms(program: Program) -> list[LanguageModel]:
    """Every LM the program holds, once each."""
    import dspy

    return [item for _, item in program.named_sub_modules(type_=object) if isinstance(item, dspy.BaseLM)]


def _demo_examples(program: Program) -> Iterable[Any]:
    for predictor in program.predictors():
        yield from predictor.demos


def _copy_what_can_be(value: Any, memo: dict[int, Any], uncopyable: list[Any]) -> Any:
    """A deep copy, but for attributes of modules that refuse it (locks, clients): those are shared, as dspy does."""
    import dspy

    try:
        return copy.deepcopy(value, dict(memo))
    except Exception:  # noqa: BLE001 (whatever an attribute's own __deepcopy__ raises)
        if not isinstance(value, dspy.Module):
            uncopyable.append(value)
            return value
    cls: Any = type(value)
    copied = cls.__new__(cls)
    for name, attribute in vars(value).items():
        copied.__dict__[name] = _copy_what_can_be(attribute, memo, uncopyable)
    return copied
