import numpy as np
import pytest

from tunesmith.optim.search import Arm, Cell, CellResult, Search
from tunesmith.optim.search.costs import FrontArm, find_front, fit_log_costs
from tunesmith.optim.search.matrix import ScoreMatrix

from .searches import coin, run, space_of


def tokens_of(arm: Arm) -> float:
    return 100 * 2.0 ** arm[0] * 1.5 ** arm[1]


def costed(bias: dict[int, float]):
    toss = coin(0, lambda arm: bias[arm[0]])
    return lambda cell: CellResult(toss(cell), tokens=tokens_of(cell.arm), seconds=tokens_of(cell.arm) / 50)


def test_log_costs_are_additive_and_predict_untried_arms() -> None:
    matrix, arms = ScoreMatrix(4), [(0, 0), (1, 0), (0, 1), (2, 1), (1, 2), (2, 0)]
    for arm in arms:
        for place in range(4):
            matrix.record(Cell(arm, place), costed({0: 0.5, 1: 0.5, 2: 0.5})(Cell(arm, place)))
    model = fit_log_costs(space_of(3, 3), matrix, arms, "tokens")
    untried = model.levels[2] + model.levels[3 + 2] - model.levels[0] - model.levels[3]
    assert untried == pytest.approx(np.log(tokens_of((2, 2)) / 100), rel=0.15)
    assert model.arms - model.arms[0] == pytest.approx(np.log([tokens_of(arm) / 100 for arm in arms]))


def test_unknown_costs_say_nothing() -> None:
    matrix = ScoreMatrix(1)
    matrix.record(Cell((0,), 0), 1.0)
    assert not fit_log_costs(space_of(2), matrix, [(0,)], "tokens").levels.any()


def test_the_front_holds_what_nothing_beats_on_every_count() -> None:
    matrix = ScoreMatrix(1)
    rows = {(0,): (100, 1.0), (1,): (200, 1.0), (2,): (150, 2.0), (3,): (150, 3.0)}
    for arm, (tokens, seconds) in rows.items():
        matrix.record(Cell(arm, 0), CellResult(0, tokens=tokens, seconds=seconds))
    matrix.record(Cell((4,), 0), 1.0)
    arms, scores = [(0,), (1,), (2,), (3,), (4,)], np.array([0.5, 0.4, 0.7, 0.7, 0.9])

    def front(*objectives) -> list[Arm]:
        return [one.arm for one in find_front(matrix, arms, scores, objectives)]

    assert front("score") == [(4,)]
    assert front("score", "tokens") == [(4,), (2,), (3,), (0,)]
    assert front("score", "tokens", "latency") == [(4,), (2,), (0,)]
    assert find_front(matrix, arms, scores, ("score",))[0] == FrontArm((4,), score=0.9, tokens=None, seconds=None)


def test_with_costs_the_search_looks_more_at_what_is_cheap() -> None:
    def mean_tokens(objectives: tuple) -> float:
        costs = []
        for seed in range(4):
            search = Search(space_of(4, 4), examples=60, budget=400, seed=seed, objectives=objectives)
            run(search, costed(dict.fromkeys(range(4), 0.5)))
            asked = {arm: search.matrix.asked(arm) for arm in search.matrix.measured()}
            costs.append(sum(tokens_of(arm) * n for arm, n in asked.items()) / sum(asked.values()))
        return float(np.mean(costs))

    assert mean_tokens(("score", "tokens", "latency")) < 0.8 * mean_tokens(("score",))


def test_the_winner_stays_by_score() -> None:
    search = Search(space_of(3, 2), examples=60, budget=800, seed=0, objectives=("score", "tokens"))
    run(search, costed({0: 0.3, 1: 0.4, 2: 0.9}))
    assert search.winner().arm[0] == 2
    front = search.pareto_front()
    assert front[0].arm == search.winner().arm
    assert front[-1].arm == (0, 0)
    tokens = [one.tokens for one in front if one.tokens is not None]
    assert len(tokens) == len(front)
    assert tokens == sorted(tokens, reverse=True)
