import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tunesmith.optim.search import Arm
from tunesmith.optim.search.design import latin_design

from .searches import space_of

LEVELS = st.lists(st.integers(1, 5), min_size=1, max_size=4).map(tuple)


@settings(max_examples=60)
@given(LEVELS, st.integers(0, 40), st.integers(0, 2**32))
def test_arms_are_distinct_and_levels_used_evenly(levels: tuple[int, ...], count: int, seed: int) -> None:
    space = space_of(*levels)
    arms = latin_design(space, count, [], np.random.default_rng(seed))
    assert arms[0] == space.baseline
    assert len(set(arms)) == len(arms) == min(max(count, 1), space.size)
    assert all(space.check(arm) for arm in arms)
    if len(arms) <= max(levels):  # before combinations run out
        for factor in range(len(levels)):
            uses = np.bincount([arm[factor] for arm in arms], minlength=levels[factor])
            assert uses.max() - uses.min() <= 1


@pytest.mark.parametrize("required", [[(1, 1)], [(2, 3), (0, 0), (2, 3), (1, 0)]])
def test_required_arms_come_right_after_the_baseline(required: list[Arm]) -> None:
    arms = latin_design(space_of(3, 4), 2, required, np.random.default_rng(0))
    expected = [(0, 0), *dict.fromkeys(arm for arm in required if arm != (0, 0))]
    assert arms[: len(expected)] == expected
    assert len(arms) == max(2, len(expected))


def test_pairs_of_levels_are_spread() -> None:
    arms = latin_design(space_of(6, 6), 30, [], np.random.default_rng(1))
    by_level = [sum(arm[factor] == level for arm in arms) for factor in range(2) for level in range(6)]
    assert min(by_level) >= 4
    assert max(by_level) <= 6


def test_combinations_of_levels_repeat_little() -> None:
    met = []
    for seed in range(5):
        arms = latin_design(space_of(4, 4, 4), 16, [], np.random.default_rng(seed))
        met += [len({(arm[a], arm[b]) for arm in arms}) for a, b in ((0, 1), (0, 2), (1, 2))]
    # Of the 16 combinations of two factors; 10 where arms are composed of balanced levels alone.
    assert np.mean(met) > 12


def test_a_required_arm_outside_the_space_is_refused() -> None:
    with pytest.raises(ValueError, match="levels 0 to 2, not 3"):
        latin_design(space_of(3), 2, [(3,)], np.random.default_rng(0))
