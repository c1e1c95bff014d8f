"""The ceiling of a search: dspy's own numbers, mode by mode."""

import dspy
import pytest
from dspy.teleprompt import mipro_optimizer_v2
from dspy.utils import DummyLM

from tunesmith.optim.prompt_search.call_budget import (
    AUTO,
    prompt_call_ceiling,
    search_calls,
    trial_count,
)
from tunesmith.protocol import AutoMode


def test_modes_are_those_of_dspy() -> None:
    theirs = mipro_optimizer_v2.AUTO_RUN_SETTINGS
    assert {mode: {"n": one.candidates, "val_size": one.val} for mode, one in AUTO.items()} == theirs


@pytest.mark.parametrize("predictors", [1, 2, 5])
@pytest.mark.parametrize("zero_shot", [False, True])
def test_trials_are_those_of_dspy(predictors: int, zero_shot: bool) -> None:
    class Program(dspy.Module):
        def __init__(self) -> None:
            super().__init__()
            self.steps = [dspy.Predict("question -> answer") for _ in range(predictors)]

    lm = DummyLM([])
    theirs = dspy.MIPROv2(metric=lambda *_: True, prompt_model=lm, task_model=lm)
    for mode in AUTO.values():
        expected = theirs._set_num_trials_from_num_candidates(Program(), zero_shot, mode.candidates)
        assert trial_count(mode.candidates, predictors=predictors, zero_shot=zero_shot) == expected


@pytest.mark.parametrize(
    ("auto", "predictors", "val", "zero_shot", "calls"),
    [
        ("light", 1, 40, False, 40 * (1 + 10)),
        ("light", 1, 50, False, 50 * (1 + 10)),
        ("light", 1, 51, False, 51 + 35 * 10 + 51 * 2),
        ("light", 1, 100, True, 100 + 35 * 9 + 100 * 2),
        ("light", 1, 500, True, 100 + 35 * 9 + 100 * 2),
        ("medium", 2, 300, False, 300 + 35 * 28 + 300 * 6),
        ("heavy", 1, 2000, False, 1000 + 35 * 27 + 1000 * 6),
        ("light", 1, 0, False, 0),
    ],
)
def test_program_calls_of_a_mode(auto: AutoMode, predictors: int, val: int, zero_shot: bool, calls: int) -> None:
    trials = trial_count(AUTO[auto].candidates, predictors=predictors, zero_shot=zero_shot)
    assert search_calls(trials, min(val, AUTO[auto].val)) == calls


def test_full_evaluations_fall_where_dspy_makes_them() -> None:
    """dspy evaluates in full after every fifth trial and after the last, which may be the same."""
    assert search_calls(10, 60) == 60 + 350 + 2 * 60
    assert search_calls(11, 60) == 60 + 385 + 3 * 60


def test_prompt_calls_grow_with_predictors_and_rounds() -> None:
    assert prompt_call_ceiling(1, reflection_rounds=0) == 10
    assert prompt_call_ceiling(2, reflection_rounds=2) == 2 + 2 * (8 + 3 * 2)
