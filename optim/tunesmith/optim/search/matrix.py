"""The score matrix: what every arm scored on every example so far.

The examples lie in one fixed permutation, and an arm is measured on prefixes of it, so any two arms share examples and
are compared example by example. A cell whose call failed for good is known to be missing; it is never a zero.
"""

from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from tunesmith.optim.search.space import Arm

Floats = npt.NDArray[np.floating[Any]]

LARGEST = 1e150
"""Scores beyond are taken for it, so that their squares stay finite."""


class Cell(NamedTuple):
    """An arm on an example."""

    arm: Arm
    place: int
    """Position in the permutation of the examples."""


class CellResult(NamedTuple):
    """What measuring a cell gave."""

    score: float
    """In the metric's unit."""
    tokens: float | None = None
    """In and out; None where they are not known."""
    seconds: float | None = None


class ScoreMatrix:
    """Grows by row. Everything it says is independent of the order in which cells arrived."""

    def __init__(self, examples: int) -> None:
        if examples < 1:
            raise ValueError(f"a score matrix needs at least one example, not {examples}")
        self.examples = examples
        self._asked: dict[Arm, int] = {}
        self._scores: dict[Arm, Floats] = {}
        self._costs: dict[str, dict[Arm, Floats]] = {"tokens": {}, "seconds": {}}

    def record(self, cell: Cell, result: CellResult | float | None) -> None:
        """Keep one answered cell; None, or a score that is not finite, is missing for good.

        Raises `ValueError` for a place outside the examples or a cell that was recorded before.
        """
        arm, place = cell
        if not 0 <= place < self.examples:
            raise ValueError(f"places run from 0 to {self.examples - 1}, not {place}")
        result = result if isinstance(result, CellResult | None) else CellResult(float(result))
        scores = self._row(self._scores, arm, fill=-np.inf)
        if scores[place] != -np.inf:
            raise ValueError(f"{cell} is known already")
        self._asked[arm] = self._asked.get(arm, 0) + 1
        if result is None or not np.isfinite(result.score):
            scores[place] = np.nan
            return
        scores[place] = min(max(result.score, -LARGEST), LARGEST)
        for kind in ("tokens", "seconds"):
            cost = getattr(result, kind)
            if cost is not None and np.isfinite(cost):
                self._row(self._costs[kind], arm, fill=np.nan)[place] = cost

    def _row(self, rows: dict[Arm, Floats], arm: Arm, *, fill: float) -> Floats:
        if arm not in rows:
            rows[arm] = np.full(self.examples, fill)
        return rows[arm]

    @property
    def cells(self) -> int:
        """How many cells were asked for, missing ones included."""
        return sum(self._asked.values())

    def asked(self, arm: Arm) -> int:
        """How many of its cells were asked for, missing ones included."""
        return self._asked.get(arm, 0)

    def asked_arms(self) -> list[Arm]:
        """In the order they were first asked for."""
        return list(self._asked)

    def measured(self) -> list[Arm]:
        """Arms with at least one score, sorted: the canonical order."""
        return sorted(arm for arm, row in self._scores.items() if np.isfinite(row).any())

    def scores(self, arms: Iterable[Arm]) -> Floats:
        """Arms × places, NaN where there is no score."""
        return self._stack(self._scores, arms)

    def costs(self, kind: str, arms: Iterable[Arm]) -> Floats:
        """Arms × places, NaN where nothing is known. `kind` is "tokens" or "seconds"."""
        return self._stack(self._costs[kind], arms)

    def _stack(self, rows: dict[Arm, Floats], arms: Iterable[Arm]) -> Floats:
        empty = np.full(self.examples, np.nan)
        stacked = np.array([rows.get(arm, empty) for arm in arms]).reshape(-1, self.examples)
        return np.where(np.isfinite(stacked), stacked, np.nan)

    def known(self, arm: Arm) -> list[float]:
        """The arm's scores, by place."""
        (row,) = self.scores([arm])
        return [float(score) for score in row[~np.isnan(row)]]

    def paired(self, before: Arm, after: Arm) -> tuple[list[float], list[float]]:
        """Both arms' scores on the examples they share, by place."""
        rows = self.scores([before, after])
        shared = ~np.isnan(rows).any(axis=0)
        return rows[0, shared].tolist(), rows[1, shared].tolist()
