import pytest

from tunesmith.optim.search import Winner, is_shipped

CLEAR = ([0.0] * 30, [0.0] * 15 + [1.0] * 15)
SLIGHT = ([0.0, 1.0] * 15, [1.0, 0.0] * 14 + [1.0, 1.0])
NONE = ([0.0, 1.0] * 15, [1.0, 0.0] * 15)


@pytest.mark.parametrize(
    ("probability", "pairs", "shipped"),
    [
        (0.99, CLEAR, {"max", "likely", "strict"}),
        (0.97, CLEAR, {"max", "likely", "strict"}),
        (0.96, CLEAR, {"max", "likely"}),
        (0.99, NONE, set()),
        (0.99, SLIGHT, {"max", "likely"}),
        (0.99, ([], []), {"max", "likely"}),
        (0.70, SLIGHT, {"max", "likely"}),
        (0.69, CLEAR, {"max"}),
    ],
)
def test_what_each_selection_ships(probability: float, pairs: tuple[list, list], shipped: set[str]) -> None:
    winner = Winner((1,), mean=0.6, sd=0.1, probability=probability, n=30, baseline_scores=pairs[0], scores=pairs[1])
    assert {selection for selection in ("max", "likely", "strict") if is_shipped(winner, selection)} == shipped
