"""What a search may ask of a task: scores of an arm on examples, as many as its budget holds."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from benchmarks.search.simulated import Arm


class Task(Protocol):
    """One draw of a simulated setting, or one split of a recording."""

    examples: int
    levels: tuple[int, ...]
    baseline: Arm

    def row(self, arm: Arm) -> np.ndarray: ...

    def gain(self, arm: Arm) -> float: ...


class OutOfCalls(Exception):
    """The evaluation would not fit into the budget; nothing of it was run."""


class Oracle:
    """Counts program calls. A cell asked again is paid for again, as without a cache."""

    def __init__(self, task: Task, budget: int) -> None:
        self.levels = task.levels
        self.examples = task.examples
        self.baseline = task.baseline
        self.budget = budget
        self.calls = 0
        self._task = task

    @property
    def remaining(self) -> int:
        return self.budget - self.calls

    def evaluate(self, arm: Arm, places: Sequence[int]) -> np.ndarray:
        """Scores in the order of the places. Raises `OutOfCalls`."""
        if len(places) > self.remaining:
            raise OutOfCalls
        self.calls += len(places)
        return self._task.row(arm)[list(places)]
