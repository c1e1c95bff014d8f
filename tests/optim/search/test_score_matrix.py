import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunesmith.optim.search import Cell, CellResult, Factor, Space
from tunesmith.optim.search.matrix import LARGEST, ScoreMatrix
from tunesmith.optim.search.scaling import VARIANCE_FLOOR, find_scale

CELLS = [Cell((arm, 0), place) for arm in range(3) for place in range(4)]


def filled(order: list[Cell]) -> ScoreMatrix:
    matrix = ScoreMatrix(4)
    for cell in order:
        matrix.record(cell, None if cell.place == 3 else cell.arm[0] + cell.place / 10)
    return matrix


@given(st.permutations(CELLS))
def test_the_order_of_arrival_changes_nothing(order: list[Cell]) -> None:
    ours, canonical = filled(order), filled(CELLS)
    arms = canonical.measured()
    assert ours.measured() == arms == [(0, 0), (1, 0), (2, 0)]
    assert ours.scores(arms).tobytes() == canonical.scores(arms).tobytes()
    assert ours.paired(arms[0], arms[2]) == canonical.paired(arms[0], arms[2]) == ([0, 0.1, 0.2], [2, 2.1, 2.2])


@pytest.mark.parametrize("answer", [None, math.nan, math.inf, CellResult(-math.inf, tokens=3)])
def test_a_failed_cell_is_asked_and_missing(answer: CellResult | float | None) -> None:
    matrix = ScoreMatrix(2)
    matrix.record(Cell((0,), 0), answer)
    assert (matrix.asked((0,)), matrix.known((0,)), matrix.measured()) == (1, [], [])
    matrix.record(Cell((0,), 1), 1)
    assert matrix.known((0,)) == [1.0]


def test_pairs_are_the_examples_both_were_scored_on() -> None:
    matrix = ScoreMatrix(4)
    for place, (before, after) in enumerate([(1, 5), (None, 6), (3, None), (4, 8)]):
        matrix.record(Cell((0,), place), before)
        matrix.record(Cell((1,), place), after)
    assert matrix.paired((0,), (1,)) == ([1, 4], [5, 8])


def test_costs_are_kept_beside_scores() -> None:
    matrix = ScoreMatrix(3)
    matrix.record(Cell((0,), 0), CellResult(1, tokens=120, seconds=0.5))
    matrix.record(Cell((0,), 1), CellResult(0))
    assert matrix.costs("tokens", [(0,)])[0, 0] == 120
    assert matrix.costs("seconds", [(0,)])[0, 0] == 0.5
    assert math.isnan(matrix.costs("tokens", [(0,)])[0, 1])


@pytest.mark.parametrize(
    ("cell", "message"),
    [(Cell((0,), 2), "0 to 1, not 2"), (Cell((0,), -1), "not -1"), (Cell((0,), 0), "known already")],
)
def test_cells_that_cannot_be_kept(cell: Cell, message: str) -> None:
    matrix = ScoreMatrix(2)
    matrix.record(Cell((0,), 0), 1.0)
    with pytest.raises(ValueError, match=message):
        matrix.record(cell, 1.0)


def test_a_huge_score_is_held_where_squares_stay_finite() -> None:
    matrix = ScoreMatrix(1)
    matrix.record(Cell((0,), 0), 1e308)
    assert matrix.known((0,)) == [LARGEST]


@pytest.mark.parametrize(
    ("rows", "offset", "unit", "variance"),
    [
        ([[0, 1, 1, 0]], 0, 1, 0.25),
        ([[0, 100, 100, 100]], 0, 100, 0.1875),
        ([[1, 1], [1, 1]], 1, 1, VARIANCE_FLOOR),
        ([[50, 50]], 50, 50, VARIANCE_FLOOR),
        ([[0] * 99 + [1]], 0, 1, VARIANCE_FLOOR),
    ],
)
def test_scale_of_binary_and_constant_metrics(
    rows: list[list[float]], offset: float, unit: float, variance: float
) -> None:
    scale = find_scale(np.array(rows, dtype=float))
    assert (scale.offset, scale.unit, scale.variance) == (offset, unit, variance)


@given(
    st.lists(st.lists(st.integers(0, 9), min_size=3, max_size=3), min_size=1, max_size=4),
    st.floats(0.01, 1000),
    st.floats(-1000, 1000),
)
def test_a_graded_metric_may_have_any_unit(rows: list[list[int]], unit: float, shift: float) -> None:
    scores = np.array(rows, dtype=float)
    before = find_scale(scores).apply(scores)
    changed = unit * scores + shift
    if len(set(changed.ravel())) > 2:
        assert find_scale(changed).apply(changed) == pytest.approx(before, rel=1e-6, abs=1e-6)


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: Space(()), "at least one factor"),
        (lambda: Space((Factor("demos", "p", 0),)), "not 0 levels"),
        (lambda: Space((Factor("demos", "p", 2),)).check((2,)), "levels 0 to 1, not 2"),
        (lambda: Space((Factor("demos", "p", 2),)).check((0, 0)), "has 1 levels, not 2"),
        (lambda: Space((Factor("demos", "p", 2),)).with_levels(0, 0), "at least one level"),
        (lambda: ScoreMatrix(0), "at least one example"),
    ],
)
def test_spaces_that_cannot_be(build, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        build()
