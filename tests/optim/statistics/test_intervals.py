import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunesmith.optim.statistics import mean_score

GRADED = st.lists(st.floats(0, 1, allow_nan=False), min_size=1, max_size=60)


@pytest.mark.parametrize(
    ("values", "low", "high"),
    [
        # Wilson's interval at 10 of 10, 0 of 10 and 5 of 10 (Brown, Cai & DasGupta 2001, by its formula).
        ([1] * 10, 0.7225, 1.0),
        ([0] * 10, 0.0, 0.2775),
        ([1] * 5 + [0] * 5, 0.2366, 0.7634),
        # t interval: mean 2, standard deviation 1, n 3.
        ([1, 2, 3], 2 - 4.3027 / 3**0.5, 2 + 4.3027 / 3**0.5),
        # Graded values of one share: held inside the scale; one value says nothing.
        ([0.9, 1.0, 0.8], 0.6516, 1.0),
        ([0.5], 0.0, 1.0),
        ([7.0], 7.0, 7.0),
    ],
)
def test_intervals(values: list[float], low: float, high: float) -> None:
    score = mean_score(values)
    assert score.low == pytest.approx(low, abs=1e-4)
    assert score.high == pytest.approx(high, abs=1e-4)
    assert score.n == len(values)


def test_nothing_has_no_score() -> None:
    with pytest.raises(ValueError, match="at least one"):
        mean_score([])


@given(GRADED)
def test_the_mean_lies_inside_and_the_scale_is_kept(values: list[float]) -> None:
    score = mean_score(values)
    assert 0 <= score.low <= score.score + 1e-12
    assert score.score <= score.high + 1e-12 <= 1 + 2e-12


@given(st.lists(st.sampled_from([0, 1]), min_size=1, max_size=60))
def test_turning_a_failure_into_a_success_moves_everything_up(values: list[int]) -> None:
    if 0 not in values:
        return
    better = list(values)
    better[better.index(0)] = 1
    before, after = mean_score(values), mean_score(better)
    assert (after.score, after.low, after.high) >= (before.score, before.low, before.high)


@pytest.mark.parametrize("p", [0.1, 0.5, 0.9])
def test_the_interval_covers_the_truth_about_as_often_as_it_says(p: float) -> None:
    draw = random.Random(7)
    covered = 0
    for _ in range(2000):
        score = mean_score([float(draw.random() < p) for _ in range(30)])
        covered += score.low <= p <= score.high
    assert 0.92 <= covered / 2000 <= 0.985
