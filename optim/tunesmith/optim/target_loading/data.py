"""Data sets: from a name or a path to `dspy.Example`s that know their inputs."""

import inspect
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import dspy

from tunesmith.optim.errors import RunError
from tunesmith.optim.target_loading.program import program_inputs


def as_examples(
    value: Any, program: dspy.Module, *, inputs: list[str], named: str, where: str | None, warn: Callable[[str], None]
) -> list[dspy.Example]:
    """Examples of a data set: a list (or any iterable) of examples or dicts, or a function of no arguments for one.

    Rows that do not say which fields are inputs get `inputs`, or else the program's own. Raises `RunError` for an
    empty data set, a row that is neither, an input that is missing, and a row without inputs. A data set that holds
    nothing but inputs is reported through `warn`.
    """
    rows = value() if inspect.isroutine(value) else value
    if isinstance(rows, str | bytes | Mapping | dspy.Example) or not isinstance(rows, Iterable):
        raise RunError(
            f"`{named}` gives a `{type(rows).__name__}`, not a list of examples.",
            where=where,
            next_step="Give a list of dspy.Example(...).with_inputs(...), or a function of no arguments for one.",
        )
    examples = [_as_example(row, index, named, where) for index, row in enumerate(rows)]
    if not examples:
        raise RunError(f"The data set `{named}` is empty.", where=where, next_step="Add examples to it.")
    marked = [_with_inputs(example, index, program, inputs, named, where) for index, example in enumerate(examples)]
    if not any(example.labels().keys() for example in marked):
        warn(f"No example of `{named}` holds more than its inputs: a metric that compares with labels scores nothing.")
    return marked


def _as_example(row: Any, index: int, named: str, where: str | None) -> dspy.Example:
    if isinstance(row, dspy.Example):
        return row
    if isinstance(row, Mapping):
        return dspy.Example(**{str(name): value for name, value in row.items()})
    raise RunError(
        f"Item {index} of `{named}` is a `{type(row).__name__}`, not a dspy.Example or a dict.",
        where=where,
        next_step="Wrap it: dspy.Example(...).with_inputs(...).",
    )


def _with_inputs(
    example: dspy.Example, index: int, program: dspy.Module, inputs: list[str], named: str, where: str | None
) -> dspy.Example:
    if not inputs and _is_marked(example):
        if example.inputs().keys():
            return example
        names, required = program_inputs(program)
    else:
        names, required = (inputs, inputs) if inputs else program_inputs(program)
    columns = list(example.keys())
    if missing := [name for name in required if name not in columns]:
        raise RunError(
            f"Example {index} of `{named}` has no {', '.join(repr(name) for name in missing)} "
            f"(it has {', '.join(repr(name) for name in columns) or 'nothing'}).",
            where=where,
            next_step="Rename the column, or say which columns are inputs: `inputs = [...]` in the target.",
        )
    present = [name for name in names if name in columns]
    if not present:
        raise RunError(
            f"Example {index} of `{named}` has no inputs: none of {', '.join(map(repr, names)) or 'the inputs'} "
            f"is among {', '.join(map(repr, columns)) or 'its (no) fields'}.",
            where=where,
            next_step="Mark them with `.with_inputs(...)`, or name them: `inputs = [...]` in the target.",
        )
    return example.with_inputs(*present)


def _is_marked(example: dspy.Example) -> bool:
    try:
        example.inputs()
    except ValueError:
        return False
    return True
