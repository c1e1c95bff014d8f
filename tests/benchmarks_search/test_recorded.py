"""A recording as a search problem."""

import msgspec
import numpy as np
import pytest

from benchmarks.search.recorded import RecordedTask, is_usable
from benchmarks_search.small_recording import recording


def of_example(instruction: int, demos: int, example: int) -> bool:
    return (instruction * 7 + demos * 3 + example) % 5 < 1 + instruction


@pytest.mark.parametrize(("examples", "searched"), [(40, 20), (41, 20), (400, 100)])
def test_search_and_truth_share_no_example(examples: int, searched: int) -> None:
    # Every example is right under one arm of its own: what the search sees and the truth add up to the whole.
    whole = recording(of_example, examples=examples)
    task = RecordedTask(whole, seed=3)
    assert task.examples == searched
    for arm in task.arms():
        right = whole.stages[0].scores[arm[0]][arm[1]].count("1")
        assert task.row(arm).sum() + task.truth(arm) * (examples - searched) == pytest.approx(right)


def test_seeds_split_differently_and_alike_again() -> None:
    rows = [RecordedTask(recording(of_example), seed).row((1, 1)).tolist() for seed in (1, 2, 1)]
    assert rows[0] == rows[2] != rows[1]


def test_all_arms_are_seen_on_the_same_examples() -> None:
    task = RecordedTask(recording(lambda instruction, demos, example: example % 3 == 0), seed=0)
    assert {tuple(task.row(arm)) for arm in task.arms()} == {tuple(task.row(task.baseline))}
    assert task.gain((2, 1)) == 0


def test_two_predictors_score_their_mean() -> None:
    task = RecordedTask(recording(lambda i, d, e: i == 1, lambda i, d, e: d == 1 and e % 2 == 0), seed=0)
    assert task.levels == (3, 2, 3, 2)
    assert set(task.row((1, 0, 0, 0))) == {0.5}
    assert set(task.row((1, 0, 0, 1))) == {0.5, 1.0}
    assert task.gain((1, 0, 0, 0)) == pytest.approx(50)
    assert task.best[0] == 1
    assert task.best[3] == 1


def test_instructions_not_recorded_with_every_demo_set_stay_out() -> None:
    whole = recording(of_example)
    (stage,) = whole.stages
    last = (stage.scores[2][0], "")
    part = msgspec.structs.replace(whole, stages=(msgspec.structs.replace(stage, scores=(*stage.scores[:2], last)),))
    assert RecordedTask(part, seed=0).levels == (2, 2)
    nothing = msgspec.structs.replace(whole, stages=(msgspec.structs.replace(stage, scores=(("", ""),) * 3),))
    assert is_usable(part)
    assert not is_usable(nothing)
    with pytest.raises(ValueError, match="not recorded with every demo set"):
        RecordedTask(nothing, seed=0)


def test_the_best_arm_has_the_highest_truth() -> None:
    rng = np.random.default_rng(0)
    chance = rng.random((2, 3, 2))
    cells = rng.random((2, 3, 2, 40)) < chance[..., None]
    task = RecordedTask(recording(lambda *at: cells[0][at], lambda *at: cells[1][at]), seed=5)
    assert task.truth(task.best) == max(task.truth(arm) for arm in task.arms())
