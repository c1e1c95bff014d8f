"""Errors of the optimizers.

OptimError
├── DataError (also a ValueError)   the examples cannot be used: none given, or no inputs marked
├── MetricError                     the metric gave no usable judgement
└── RunError                        ends a run of the worker with something its user can mend

RunStopped                          not an error: the run was cancelled or met its budget

An exception of the user's own program or metric is raised as it is, with a note saying where it came from.
"""

import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tunesmith.protocol import UserError


class OptimError(Exception):
    """Base of everything this package raises on purpose."""


class DataError(OptimError, ValueError):
    """The examples cannot be used."""


class NoExamples(DataError):
    """A data set is empty."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} is empty: pass at least one dspy.Example(...).with_inputs(...).")


class InputsNotMarked(DataError):
    """An example does not say which of its fields are inputs."""

    def __init__(self, name: str, index: int, fields: list[str]) -> None:
        super().__init__(
            f"{name}[{index}] (fields: {', '.join(fields) or 'none'}) does not say which fields are inputs: "
            "build it with dspy.Example(...).with_inputs('field', ...)."
        )


class NotAnExample(DataError):
    """A data set holds something that is no `dspy.Example`."""

    def __init__(self, name: str, index: int, found: str) -> None:
        super().__init__(
            f"{name}[{index}] is a {found}, not a dspy.Example: wrap it as dspy.Example(**row).with_inputs(…)."
        )


class MetricError(OptimError):
    """The metric gave no usable judgement. `where` is the metric's `file:line`."""

    def __init__(self, metric: Callable[..., Any], problem: str, next_step: str) -> None:
        self.where = source_place(metric)
        name = getattr(metric, "__name__", type(metric).__name__)
        super().__init__(f"{self.where or '<unknown file>'}: metric {name} {problem}. {next_step}")


class RunError(OptimError):
    """Ends a run with something its user can mend: what failed, where (`file:line`), and the next step.

    `error` is what the user sees.
    """

    def __init__(
        self, message: str, *, where: str | None = None, next_step: str | None = None, traceback: str | None = None
    ) -> None:
        self.error = UserError(message=message, where=where, next_step=next_step, traceback=traceback)
        super().__init__(str(self.error))


class RunStopped(BaseException):
    """The run was cancelled or met its budget.

    Raised from the LM wrapper in place of a call. Derives from BaseException, as task cancellation does, so that a
    program's own `except Exception` does not take it for a failure of its model and carry on.
    """

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


def source_place(function: Callable[..., Any]) -> str | None:
    """`file:line` of a function or callable object, relative to the working directory where it lies below it."""
    target = inspect.unwrap(function) if callable(function) else function
    code = getattr(target, "__code__", None) or getattr(vars(type(target)).get("__call__"), "__code__", None)
    if code is None:
        return None
    path = Path(code.co_filename)
    if path.is_relative_to(Path.cwd()):
        path = path.relative_to(Path.cwd())
    return f"{path}:{code.co_firstlineno}"
