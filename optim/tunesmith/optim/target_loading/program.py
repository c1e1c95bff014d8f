"""From what a name is bound to, to a program or a metric."""

import inspect
from collections.abc import Callable
from typing import Any

import dspy

from tunesmith.optim.errors import RunError


def as_program(value: Any, *, named: str, where: str) -> dspy.Module:
    """A `dspy.Module` as it is; a class or a function of no arguments is called.

    Raises `RunError` where neither gives a module, and whatever the call raises.
    """
    is_factory = inspect.isroutine(value) and not _required(value)
    made = value() if is_factory or _is_class_of_no_arguments(value) else value
    if isinstance(made, dspy.Module):
        return made
    if made is value and callable(value):
        raise RunError(
            f"`{named}` needs arguments, so it cannot be called for a program.",
            where=where,
            next_step="Name a dspy.Module, or a function of no arguments that returns one.",
        )
    raise RunError(
        f"`{named}` gives {_a(made)}, not a dspy program.",
        where=where,
        next_step="Name a dspy.Module: an instance, a class, or a function of no arguments that returns one.",
    )


def as_metric(value: Any, *, named: str, where: str) -> Callable[..., Any]:
    """A callable as it is; a class, or a function without parameters, is called and must give one.

    Raises `RunError` where there is none, and whatever the call raises.
    """
    is_factory = inspect.isroutine(value) and not inspect.signature(value).parameters
    made = value() if is_factory or _is_class_of_no_arguments(value) else value
    if callable(made) and not isinstance(made, type):
        return made  # type: ignore[no-any-return]
    raise RunError(
        f"`{named}` gives {_a(made)}, not a metric.",
        where=where,
        next_step="A metric is a function `metric(example, prediction, trace=None)` that returns a number or a bool.",
    )


def program_inputs(program: dspy.Module) -> tuple[list[str], list[str]]:
    """Input names of the whole program, and those of them it cannot run without.

    `forward`'s parameters where they are spelled out; else its signature's inputs; else what one of its predictors
    reads and none of them writes.
    """
    # From the class: dspy warns whoever looks at an instance's `forward`.
    forward = getattr(type(program), "forward", None) or getattr(type(program), "aforward", None)
    if forward is not None and not isinstance(program, dspy.Predict):
        _self, *parameters = inspect.signature(forward).parameters.values()
        named = [p for p in parameters if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)]
        if named:
            return [p.name for p in named], [p.name for p in named if p.default is p.empty]
    signatures = [predictor.signature for predictor in program.predictors()]
    own = getattr(program, "signature", None)
    if own is not None or len(signatures) == 1:
        names = list((own or signatures[0]).input_fields)
        return names, names
    written = {name for signature in signatures for name in signature.output_fields}
    read = dict.fromkeys(name for signature in signatures for name in signature.input_fields)
    return [name for name in read if name not in written], []


def _is_class_of_no_arguments(value: Any) -> bool:
    return inspect.isclass(value) and not _required(value)


def _required(value: Any) -> list[inspect.Parameter]:
    """Parameters that a call must give; `value` must be a function or class."""
    try:
        parameters = inspect.signature(value).parameters.values()
    except ValueError:
        return []
    return [p for p in parameters if p.default is p.empty and p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)]


def _a(value: Any) -> str:
    return "None" if value is None else f"a `{type(value).__name__}`"
