"""What `record.py` records: one module a task, each with a `load()` that gives a `Task`.

A task's pool of rows is a list that anyone can build again (a file, or a seeded generator), so that a recording names
rows by their place in the pool and holds no text of theirs. Rows that serve as demos are never scored.
"""

import importlib
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

NAMES = ("banking", "extraction", "desk")
"""In the order they are recorded."""


class DataMissing(FileNotFoundError):
    """A task's data set is not on this machine."""


class Stage(NamedTuple):
    """One predictor, whose answers depend on the row alone, and every setting of it that is recorded."""

    predictor: str
    signature: Any
    """dspy.Signature with one input field and one output field, which a row answers under the same names."""
    instructions: tuple[str, ...]
    """The first is the program's own."""
    demo_sets: Mapping[str, tuple[int, ...]]
    """Name → places in the pool, in the order shown. The first is empty."""


class Task(NamedTuple):
    name: str
    rows: Sequence[Mapping[str, Any]]
    """The pool."""
    examples: tuple[int, ...]
    """Places in the pool that are scored."""
    stages: tuple[Stage, ...]
    """A program's score is the mean over its stages of right (1) and wrong (0)."""
    first: int
    """Instructions of every stage that are recorded before any other task's rest."""


def load(name: str) -> Task:
    """Raises `DataMissing`."""
    task: Task = importlib.import_module(f"benchmarks.search.tasks.{name}").load()
    return task
