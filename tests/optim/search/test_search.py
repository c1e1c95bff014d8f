import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tunesmith.optim.search import Arm, Cell, Search
from tunesmith.optim.search.policy import BLOCK, LAST_NEW_ARM, PROBE

from .searches import Answer, coin, run, space_of

SHAPES = st.lists(st.integers(1, 5), min_size=1, max_size=4).map(tuple)
BUDGETS = st.integers(0, 260)
EXAMPLES = st.integers(1, 40)


def flaky(seed: int) -> Answer:
    """Of 0 or 1, one cell in six is missing for good."""
    toss, lost = coin(seed, lambda arm: 0.3 + 0.1 * sum(arm) / (1 + max(arm))), coin(seed + 1, lambda arm: 1 / 6)
    return lambda cell: None if lost(cell) else toss(cell)


@settings(max_examples=60, deadline=None)
@given(SHAPES, EXAMPLES, BUDGETS, st.integers(0, 1000))
def test_cells_are_prefixes_never_repeated_never_above_the_budget(
    levels: tuple[int, ...], examples: int, budget: int, seed: int
) -> None:
    space = space_of(*levels)
    search = Search(space, examples=examples, budget=budget, seed=seed)
    cells = [cell for batch in run(search, flaky(seed)) for cell in batch]
    assert len(set(cells)) == len(cells) == search.matrix.cells <= budget
    assert search.remaining == budget - len(cells)
    places: dict[Arm, list[int]] = {}
    for cell in cells:
        places.setdefault(space.check(cell.arm), []).append(cell.place)
    assert all(found == list(range(len(found))) and len(found) <= examples for found in places.values())
    # Some example was answered: the budget is used, or every cell there is.
    if search.matrix.measured():
        assert len(cells) == min(budget, space.size * examples)


@settings(max_examples=25, deadline=None)
@given(SHAPES, EXAMPLES, BUDGETS, st.integers(0, 1000), st.randoms(use_true_random=False))
def test_the_order_of_arrival_changes_nothing(
    levels: tuple[int, ...], examples: int, budget: int, seed: int, order: random.Random
) -> None:
    first, second = (Search(space_of(*levels), examples=examples, budget=budget, seed=seed) for _ in range(2))
    answer = flaky(seed)
    while batch := first.next_batch():
        assert second.next_batch() == batch
        shuffled = order.sample(batch, len(batch))
        first.close_batch({cell: answer(cell) for cell in batch})
        second.close_batch({cell: answer(cell) for cell in shuffled})
        assert first.winner() == second.winner()
    assert second.next_batch() == []
    assert first.beliefs() == second.beliefs()


def test_a_seed_is_one_search_and_another_is_another() -> None:
    def batches(seed: int) -> list[list[Cell]]:
        return run(Search(space_of(5, 5), examples=40, budget=300, seed=seed), coin(1))

    assert batches(0) == batches(0)
    assert batches(0) != batches(1)


@pytest.mark.parametrize(
    ("examples", "budget", "baseline_first"), [(40, 5 * 40, True), (40, 5 * 40 - 1, False), (8, 40, False)]
)
def test_the_baseline_is_probed_then_finished_where_the_budget_allows(
    examples: int, budget: int, baseline_first: bool
) -> None:
    batches = run(Search(space_of(4, 4), examples=examples, budget=budget, seed=0), coin(0))
    probe = min(PROBE, examples)
    assert batches[0] == [Cell((0, 0), place) for place in range(probe)]
    rest = [Cell((0, 0), place) for place in range(probe, examples)]
    assert (batches[1] == rest) is baseline_first


def test_the_design_measures_many_arms_on_the_same_block() -> None:
    search = Search(space_of(6, 6), examples=100, budget=650, seed=0, required=[(5, 5)])
    design = run(search, coin(0))[2]
    arms = {cell.arm for cell in design}
    assert len(arms) == int(0.35 * 650 / BLOCK) - 1  # the baseline has its examples already
    assert {(arm, place) for arm in arms for place in range(BLOCK)} == {tuple(cell) for cell in design}
    assert (5, 5) in arms


def test_no_arm_is_new_late_in_the_race_while_another_can_be_measured_further() -> None:
    search = Search(space_of(6, 6, 6), examples=60, budget=600, seed=0)
    designed = max(PROBE, 60) + BLOCK * int(0.35 * 600 / BLOCK)
    seen: set[Arm] = set()
    early, late = 0, 0
    while batch := search.next_batch():
        left = search.remaining + len(batch)
        new = {cell.arm for cell in batch} - seen
        if search.batch_number and left < LAST_NEW_ARM * (search.budget - designed):
            late += 1
            assert not new
        elif left < search.budget - designed:
            early += len(new)
        seen |= new
        search.close_batch({cell: coin(3)(cell) for cell in batch})
    assert early
    assert late > 1


def test_new_arms_come_late_where_all_others_are_complete() -> None:
    search = Search(space_of(8, 8), examples=8, budget=360, seed=0)
    run(search, coin(5))
    assert search.matrix.cells == search.budget


def test_the_leader_is_finished_with_the_reserve() -> None:
    search = Search(space_of(6, 6), examples=100, budget=650, seed=3)
    run(search, coin(3, lambda arm: 0.9 if arm[0] == 2 else 0.4))
    winner = search.winner()
    assert winner.arm[0] == 2
    assert winner.n == len(winner.scores) == len(winner.baseline_scores) == 100
    assert winner.probability > 0.95


@pytest.mark.parametrize("examples", [1, 3, 10])
@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(lambda cell: None, id="all missing"),
        pytest.param(lambda cell: 1.0, id="perfect"),
        pytest.param(lambda cell: -7.25, id="constant"),
        pytest.param(lambda cell: 1e308 if cell.place % 2 else -1e308, id="huge"),
        pytest.param(lambda cell: cell.place * 1e-300, id="tiny"),
        pytest.param(lambda cell: float(sum(cell.arm)), id="constant within arms"),
        pytest.param(lambda cell: float("nan"), id="not a number"),
    ],
)
@pytest.mark.parametrize("levels", [(1,), (1, 1), (2, 3)])
@pytest.mark.parametrize("budget", [0, 1, 7, 10_000])
def test_hostile_metrics_and_sizes(examples: int, answer: Answer, levels: tuple[int, ...], budget: int) -> None:
    search = Search(space_of(*levels), examples=examples, budget=budget, seed=0, objectives=("score", "tokens"))
    assert search.winner().arm == search.space.baseline
    run(search, answer)
    winner = search.winner()
    assert winner.arm in {search.space.baseline, *search.matrix.measured()}
    assert 0 <= winner.probability <= 1
    assert len(search.beliefs()) == len(search.matrix.measured())
    assert all(effect.sd >= 0 for effect in search.effects())
    assert all(prediction.arm not in search.matrix.measured() for prediction in search.predictions(3))
    search.pareto_front()


@pytest.mark.parametrize("at_batch", [0, 1, 2, 4])
def test_added_levels_are_tried_at_once_with_the_leaders_other_levels(at_batch: int) -> None:
    search = Search(space_of(4, 4), examples=60, budget=420, seed=0)
    answer = coin(0)
    for _ in range(at_batch):
        search.close_batch({cell: answer(cell) for cell in search.next_batch()})
    before = search.matrix.measured()
    leader = search.winner().arm
    search.add_levels(0, 2)
    assert search.matrix.measured() == before
    assert search.space.levels == (6, 4)
    batch = search.next_batch()
    while {cell.arm for cell in batch} == {(0, 0)}:  # only the baseline may come first
        search.close_batch({cell: answer(cell) for cell in batch})
        batch = search.next_batch()
    new = {level: [cell for cell in batch if cell.arm[0] == level] for level in (4, 5)}
    for level, cells in new.items():
        arms = {cell.arm for cell in cells}
        assert all([cell.place for cell in cells if cell.arm == arm] == list(range(BLOCK)) for arm in arms)
        assert at_batch < 3 or (level, leader[1]) in arms
    run(search, answer)
    assert search.matrix.cells == 420
    assert {level: effect.cells > 0 for level, effect in enumerate(search.effects()[:6])} == dict.fromkeys(
        range(6), True
    )


def test_levels_added_after_the_end_go_on_where_budget_is_left() -> None:
    search = Search(space_of(1, 1), examples=10, budget=100, seed=0)
    run(search, coin(0))
    assert (search.next_batch(), search.matrix.cells) == ([], 10)
    search.add_levels(0, 1)
    assert [cell.arm for cell in search.next_batch()] == [(1, 0)] * BLOCK


def test_old_decisions_stay_valid_when_levels_come() -> None:
    grown, plain = (Search(space_of(4, 4), examples=60, budget=420, seed=0) for _ in range(2))
    answer = coin(0)
    for _ in range(5):
        batch = plain.next_batch()
        assert grown.next_batch() == batch
        for search in (grown, plain):
            search.close_batch({cell: answer(cell) for cell in batch})
    grown.add_levels(1, 3)
    before, after = plain.beliefs(), grown.beliefs()
    assert [estimate.arm for estimate in after] == [estimate.arm for estimate in before]
    assert [estimate.mean for estimate in after] == pytest.approx([estimate.mean for estimate in before])


@pytest.mark.parametrize(
    ("best", "stop_below", "is_stopped"), [(0.95, 0.02, True), (0.95, None, False), (0.2, 0.001, False)]
)
def test_a_small_regret_ends_the_search_with_the_leader_finished(
    best: float, stop_below: float | None, is_stopped: bool
) -> None:
    search = Search(space_of(4, 4), examples=60, budget=700, seed=0, stop_below=stop_below)
    run(search, coin(0, lambda arm: best if arm == (2, 3) else 0.1))
    assert search.winner().n == 60
    assert (search.matrix.cells < 700) is is_stopped


def test_predictions_find_the_combination_never_tried() -> None:
    search = Search(space_of(3, 3), examples=80, budget=10_000, seed=0)
    bias = coin(2, lambda arm: 0.2 + 0.3 * (arm[0] == 1) + 0.3 * (arm[1] == 2))
    search.space = search.space.with_levels(0, 1)
    for arm in [(0, 0), (1, 0), (0, 2), (1, 1), (2, 2), (2, 0)]:
        for place in range(80):
            search.matrix.record(Cell(arm, place), bias(Cell(arm, place)))
    first, second = search.predictions(2)
    assert first.arm == (1, 2)
    assert first.mean > second.mean
    assert first.probability > 0.9


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (lambda batch: dict.fromkeys(batch[1:], 1.0), "1 missing, 0 not asked for"),
        (lambda batch: {**dict.fromkeys(batch, 1.0), Cell((0, 1), 0): 1.0}, "0 missing, 1 not asked for"),
    ],
)
def test_answers_must_be_for_the_open_batch(wrong, message: str) -> None:
    search = Search(space_of(2, 2), examples=5, budget=20, seed=0)
    with pytest.raises(ValueError, match="no batch is open"):
        search.close_batch({})
    batch = search.next_batch()
    with pytest.raises(ValueError, match=message):
        search.close_batch(wrong(batch))
    assert search.next_batch() == batch, "the batch is still open"


@pytest.mark.parametrize("objectives", [(), ("tokens",), ("score", "score")])
def test_objectives_need_the_score_once(objectives: tuple) -> None:
    with pytest.raises(ValueError, match="objectives"):
        Search(space_of(2), examples=5, budget=20, seed=0, objectives=objectives)


def test_a_budget_is_not_negative() -> None:
    with pytest.raises(ValueError, match="0 or more"):
        Search(space_of(2), examples=5, budget=-1, seed=0)
