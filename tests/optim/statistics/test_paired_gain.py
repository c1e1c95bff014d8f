import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunesmith.optim.statistics import paired_gain

PAIRS = st.lists(st.tuples(st.sampled_from([0.0, 0.5, 1.0]), st.sampled_from([0.0, 0.5, 1.0])), min_size=1, max_size=50)


@pytest.mark.parametrize(
    ("wins", "losses", "ties", "verdict"),
    [
        (0, 0, 20, "no gain"),  # nothing changed: nothing was learnt
        (1, 0, 0, "no gain"),  # one win proves nothing
        (3, 0, 7, "likely"),
        (8, 0, 12, "confirmed"),
        (12, 2, 26, "confirmed"),
        (6, 4, 10, "likely"),
        (5, 5, 10, "no gain"),
        (2, 8, 10, "no gain"),
    ],
)
def test_verdicts(wins: int, losses: int, ties: int, verdict: str) -> None:
    before = [0.0] * wins + [1.0] * losses + [1.0] * ties
    after = [1.0] * wins + [0.0] * losses + [1.0] * ties
    gain = paired_gain(before, after)
    assert gain.verdict == verdict
    assert gain.mean == pytest.approx((wins - losses) / (wins + losses + ties))
    assert (gain.verdict == "confirmed") <= (gain.low > 0)


def test_no_difference_is_even_odds() -> None:
    assert paired_gain([1, 0], [1, 0]).probability == 0.5


@pytest.mark.parametrize(("n", "at_most"), [(1, 0.7), (2, 0.85), (4, 0.97), (8, 0.9999)])
def test_a_few_wins_in_a_row_are_not_certain(n: int, at_most: float) -> None:
    assert 0.5 < paired_gain([0] * n, [1] * n).probability < at_most


@given(PAIRS)
def test_swapping_the_programs_turns_the_gain_around(pairs: list[tuple[float, float]]) -> None:
    before, after = zip(*pairs, strict=True)
    there, back = paired_gain(before, after), paired_gain(after, before)
    assert there.mean == pytest.approx(-back.mean)
    assert there.low == pytest.approx(-back.high)
    assert there.probability == pytest.approx(1 - back.probability)


@given(st.integers(0, 20), st.integers(1, 20), st.integers(0, 20))
def test_a_loss_less_never_lowers_the_probability(wins: int, losses: int, ties: int) -> None:
    def probability(losses: int, ties: int) -> float:
        before = [0.0] * wins + [1.0] * losses + [1.0] * ties
        return paired_gain(before, [1.0] * wins + [0.0] * losses + [1.0] * ties).probability

    assert probability(losses - 1, ties + 1) >= probability(losses, ties) - 1e-9


@pytest.mark.parametrize("n", [10, 40, 150])
def test_without_a_gain_confirmation_is_rare(n: int) -> None:
    draw = random.Random(11)
    confirmed = sum(
        paired_gain(
            [float(draw.random() < 0.6) for _ in range(n)], [float(draw.random() < 0.6) for _ in range(n)]
        ).verdict
        == "confirmed"
        for _ in range(1000)
    )
    assert confirmed / 1000 <= 0.04


@pytest.mark.parametrize(("before", "after"), [([1], [1, 0]), ([], [])])
def test_unpaired_scores_are_refused(before: list[float], after: list[float]) -> None:
    with pytest.raises(ValueError, match="pair"):
        paired_gain(before, after)
