"""Ceilings of program calls, and how many are likely."""

from typing import Any

import pytest

from tunesmith.optim.bootstrap_fewshot import plan_teaching
from tunesmith.optim.mipro_v2 import plan_search
from tunesmith.protocol import BootstrapFewShotOptions, MIPROv2Options


@pytest.mark.parametrize(
    ("options", "accepted", "ceiling", "expected"),
    [
        ({}, None, 2 * 60 + 80, 32 + 80),
        ({}, 1.0, 2 * 60 + 80, 16 + 80),
        ({}, 0.25, 2 * 60 + 80, 60 + 45 + 80),
        ({}, 0.01, 2 * 60 + 80, 60 + 59 + 80),
        ({"pool_size": 4}, 0.5, 2 * 60 + 80, 8 + 80),
        ({"max_bootstrapped_demos": 0}, 0.5, 80, 80),
        ({"teacher_rounds": 1}, 0.25, 60 + 80, 60 + 80),
    ],
)
def test_bootstrap(options: dict[str, Any], accepted: float | None, ceiling: int, expected: int) -> None:
    plan = plan_teaching(BootstrapFewShotOptions(**{"teacher_rounds": 2, **options}), train=60, val=40)
    calls = plan.program_calls(accepted)
    assert (calls.ceiling, calls.expected) == (ceiling, expected)


@pytest.mark.parametrize("cap", [1, 5, 40, 99, 400, 10_000])
@pytest.mark.parametrize("train", [1, 10, 500])
def test_parts_of_a_search_add_up_to_its_ceiling(cap: int, train: int) -> None:
    calls = plan_search(MIPROv2Options(max_program_calls=cap), predictors=1, train=train, val=100).program_calls(
        writes=True
    )
    assert calls.ceiling == min(cap, 650)
    assert all(part.calls >= 0 for part in calls.parts)
    assert calls.expected is None


@pytest.mark.parametrize(
    ("options", "writes", "some"),
    [
        ({}, True, True),
        ({}, False, False),
        ({"num_instructions": 0}, True, False),
        ({"num_instructions": 3}, True, True),
    ],
)
def test_prompt_calls(options: dict[str, Any], writes: bool, some: bool) -> None:
    calls = plan_search(MIPROv2Options(**options), predictors=1, train=60, val=40).program_calls(writes=writes)
    assert (calls.prompt_calls > 0) == some
