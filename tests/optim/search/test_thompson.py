from collections.abc import Callable, Sequence, Set
from itertools import islice, product
from typing import cast

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunesmith.optim.search import Arm
from tunesmith.optim.search.thompson import Candidates, best_combinations, pick_arms

from .searches import space_of


class Ranked:
    """Candidates whose every draw ranks the arms in a given order."""

    def __init__(self, *orders: list[Arm]) -> None:
        self.orders = orders

    def best(self, draw: int, is_excluded: Callable[[Arm], bool]) -> Arm | None:
        return next((arm for arm in self.orders[draw % len(self.orders)] if not is_excluded(arm)), None)


MUCH, LITTLE, LEFT = (0,), (1,), (2,)
ASKED: dict[Arm, int] = {MUCH: 24, LITTLE: 8, LEFT: 0}


def picked(
    *orders: list[Arm], count: int = 1, complete: Set[Arm] = frozenset(), taken: Sequence[Arm] = ()
) -> list[tuple[Arm, ...]]:
    """Over many batches, the different answers."""
    answers = {
        tuple(
            pick_arms(
                cast(Candidates, Ranked(*orders)),
                count,
                asked=ASKED.__getitem__,
                is_complete=complete.__contains__,
                taken=taken,
                rng=np.random.default_rng(seed),
            )
        )
        for seed in range(20)
    }
    return sorted(answers)


@pytest.mark.parametrize(
    ("orders", "given", "expected"),
    [
        # The first draw's best, or the less measured of the two draws'.
        (([MUCH], [LITTLE]), {}, [(MUCH,), (LITTLE,)]),
        (([LITTLE], [MUCH]), {}, [(LITTLE,)]),
        (([MUCH], [MUCH]), {}, [(MUCH,)]),
        # What is measured on everything gives way to the other, or to the best that is not.
        (([MUCH], [LITTLE]), {"complete": {MUCH}}, [(LITTLE,)]),
        (([MUCH, LITTLE, LEFT], [LITTLE]), {"complete": {MUCH, LITTLE}}, [(LEFT,)]),
        (([MUCH], [LITTLE]), {"complete": {MUCH, LITTLE}}, [()]),
        # No arm twice in a batch, nor one that is in it already.
        (([MUCH, LITTLE], [MUCH, LITTLE]), {"count": 3}, [(MUCH, LITTLE)]),
        (([MUCH, LEFT], [MUCH, LEFT]), {"taken": [MUCH]}, [(LEFT,)]),
    ],
)
def test_which_arm_is_measured_next(orders: tuple, given: dict, expected: list) -> None:
    assert picked(*orders, **given) == expected


@given(st.lists(st.integers(1, 4), min_size=1, max_size=3), st.integers(0, 1000))
def test_combinations_come_best_first_and_each_once(levels: list[int], seed: int) -> None:
    space = space_of(*levels)
    values = np.random.default_rng(seed).normal(size=space.offsets[-1])

    def value(arm: Arm) -> float:
        return sum(values[offset + level] for offset, level in zip(space.offsets, arm, strict=False))

    found = [arm for _, arm in best_combinations(space, values)]
    assert sorted(found) == list(product(*map(range, space.levels)))
    assert [value(arm) for arm in found] == pytest.approx(sorted(map(value, found), reverse=True))


def test_a_huge_space_is_not_laid_out() -> None:
    space = space_of(*[50] * 12)
    values = np.tile(-np.arange(50.0), 12)
    assert [arm for _, arm in islice(best_combinations(space, values), 1)] == [space.baseline]
