"""A recorded matrix as a search problem: some examples to search on, the others as the truth."""

from functools import cached_property
from itertools import product

import numpy as np

from benchmarks.search.recording import Recording
from benchmarks.search.simulated import Arm

LARGEST_SEARCHED = 100
"""Examples to search on, half of the recorded ones at most. `auto="light"` caps the validation set at the same."""
CANDIDATES = 6
"""DSPy's n in its light mode."""


class RecordedTask:
    """One seed's split of a recording. An arm's score is the mean of its predictors' cells, each recorded alone.

    Only instructions that were recorded with every demo set take part.
    """

    def __init__(self, recording: Recording, seed: int) -> None:
        self._tables = [table(stage.scores) for stage in recording.stages]
        self.candidates = CANDIDATES
        self.levels: tuple[int, ...] = tuple(size for scores in self._tables for size in scores.shape[:2])
        self.baseline: Arm = (0,) * len(self.levels)
        count = len(recording.examples)
        self.examples = min(LARGEST_SEARCHED, count // 2)
        order = np.random.default_rng(seed).permutation(count)
        self._searched, self._held_out = order[: self.examples], order[self.examples :]
        self._truths: dict[Arm, float] = {}

    def row(self, arm: Arm) -> np.ndarray:
        """The arm's scores on the examples of the search, 0 to 1."""
        return self._scores(arm)[self._searched]

    def gain(self, arm: Arm) -> float:
        """Points of 100 above the baseline, on the examples the search never saw."""
        return 100 * (self.truth(arm) - self.truth(self.baseline))

    def truth(self, arm: Arm) -> float:
        if arm not in self._truths:
            self._truths[arm] = float(self._scores(arm)[self._held_out].mean())
        return self._truths[arm]

    @cached_property
    def best(self) -> Arm:
        """The arm with the highest true score. The metric adds over predictors, so each is maximised alone."""
        arm: list[int] = []
        for scores in self._tables:
            means = scores[:, :, self._held_out].mean(axis=2)
            arm += (int(index) for index in np.unravel_index(int(means.argmax()), means.shape))
        return tuple(arm)

    def arms(self) -> list[Arm]:
        return list(product(*(range(levels) for levels in self.levels)))

    def _scores(self, arm: Arm) -> np.ndarray:
        pairs = zip(arm[::2], arm[1::2], strict=True)
        return np.mean([scores[pair] for scores, pair in zip(self._tables, pairs, strict=True)], axis=0)


def table(scores: tuple[tuple[str, ...], ...]) -> np.ndarray:
    """Instructions × demo sets × examples, 0.0 or 1.0. Raises `ValueError` where the baseline's row is incomplete."""
    complete = [row for row in scores if all(row)]
    if not complete or not all(scores[0]):
        raise ValueError("the program's own instruction is not recorded with every demo set yet")
    return np.array([[[float(cell) for cell in arm] for arm in row] for row in complete])


def is_usable(recording: Recording) -> bool:
    return all(all(stage.scores[0]) for stage in recording.stages)
