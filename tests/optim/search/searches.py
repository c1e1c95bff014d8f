"""Small searches for the tests of the search, run to their end."""

from collections.abc import Callable

import numpy as np

from tunesmith.optim.search import Arm, Cell, CellResult, Factor, Search, Space
from tunesmith.protocol import FactorKind

Answer = Callable[[Cell], CellResult | float | None]


def space_of(*levels: int) -> Space:
    """Instruction and demo set of predictors p0, p1, …, with so many levels."""
    kinds: tuple[FactorKind, ...] = ("instruction", "demos")
    return Space(tuple(Factor(kinds[place % 2], f"p{place // 2}", count) for place, count in enumerate(levels)))


def run(search: Search, answer: Answer) -> list[list[Cell]]:
    """The batches, each answered in one go."""
    batches = []
    while batch := search.next_batch():
        search.close_batch({cell: answer(cell) for cell in batch})
        batches.append(batch)
    return batches


def coin(seed: int, bias: Callable[[Arm], float] = lambda arm: 0.5) -> Callable[[Cell], float]:
    """Answers 0 or 1, each cell always the same."""

    def toss(cell: Cell) -> float:
        return float(np.random.default_rng([seed, cell.place, *cell.arm]).random() < bias(cell.arm))

    return toss
