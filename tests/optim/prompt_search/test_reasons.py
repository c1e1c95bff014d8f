import random
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tunesmith.optim.prompt_search.choices import candidate_id
from tunesmith.optim.prompt_search.reasons import explain_batch
from tunesmith.optim.search import Arm, Cell, Factor, Search, Space
from tunesmith.protocol import BatchArm


def space_of(*levels: int) -> Space:
    """Instruction and demo set of predictors p0, p1, …, with so many levels."""
    return Space(tuple(Factor("demos" if at % 2 else "instruction", f"p{at // 2}", n) for at, n in enumerate(levels)))


def coin(seed: int, bias: Callable[[Arm], float]) -> Callable[[Cell], float]:
    return lambda cell: float(random.Random(f"{seed} {cell}").random() < bias(cell.arm))


class Spied(Search):
    """Notes by which of its steps every arm came into the batch it plans."""

    step = ""
    new: list[Arm]

    def _plan(self) -> list[Cell]:
        self.step, self.new = "baseline", []
        return super()._plan()

    def _design_cells(self, rng: Any) -> list[Cell]:
        self.step = "design"
        return super()._design_cells(rng)

    def _race_cells(self, rng: Any) -> list[Cell]:
        self.step = "finishing"
        return super()._race_cells(rng)

    def _arms_of_untried(self, leader: Arm) -> list[Arm]:
        self.new = super()._arms_of_untried(leader)
        return self.new

    def _thompson_arms(self, *arguments: Any) -> list[Arm]:
        self.step = "drawn"
        return super()._thompson_arms(*arguments)

    def expected(self, arm: Arm) -> str:
        if self.step != "drawn":
            return self.step
        if arm in self.new:
            return "new"
        if arm == self.winner().arm:
            return "leader"
        return "challenger" if self.matrix.asked(arm) else "predicted"


Explained = list[list[BatchArm]]


def explained(
    space: Space,
    *,
    examples: int,
    budget: int,
    seed: int = 0,
    required: tuple[Arm, ...] = (),
    added: tuple[int, ...] = (),
    answer: Callable[[Cell], float] | None = None,
) -> Explained:
    """The reasons of every batch, each checked against the step it came from. `added`: batches after which the first
    factor grows by two levels."""
    search = Spied(space, examples=examples, budget=budget, seed=seed, required=required)
    answer = answer or coin(seed, lambda arm: 0.3 + 0.1 * sum(arm) / (1 + max(arm)))
    told = []
    while batch := search.next_batch():
        asked = explain_batch(search, batch, first=space, required=required)
        arms = list(dict.fromkeys(cell.arm for cell in batch))
        assert [(one.candidate, one.reason) for one in asked] == [
            (candidate_id(arm), search.expected(arm)) for arm in arms
        ]
        assert [one.cells for one in asked] == [sum(cell.arm == arm for cell in batch) for arm in arms]
        search.close_batch({cell: answer(cell) for cell in batch})
        told.append(asked)
        if search.batch_number in added:
            search.add_levels(0, 2)
    assert explain_batch(search, [], first=space, required=required) == []
    return told


def reasons(told: Explained) -> list[set[str]]:
    return [{one.reason for one in asked} for asked in told]


def test_a_search_with_room_for_everything() -> None:
    told = reasons(explained(space_of(5, 5), examples=40, budget=400, added=(6,)))
    assert told[:3] == [{"baseline"}, {"baseline"}, {"design"}]
    assert "new" not in set().union(*told[:6])
    assert "new" in told[6]
    assert {"leader", "challenger", "predicted"} <= set().union(*told[3:])
    assert told[-1] == {"finishing"}


@pytest.mark.parametrize(
    ("case", "starts"),
    [
        ({"examples": 40, "budget": 10}, [{"baseline"}]),
        ({"examples": 40, "budget": 150}, [{"baseline"}, {"design"}]),
        ({"examples": 40, "budget": 45}, [{"baseline"}, {"leader", "predicted"}]),
        ({"examples": 40, "budget": 45, "required": ((0, 2),)}, [{"baseline"}, {"design"}]),
        ({"examples": 4, "budget": 100}, [{"baseline"}, {"design"}]),
    ],
    ids=["probe only", "baseline not finished first", "no design", "a design of what is required", "few examples"],
)
def test_how_a_search_begins(case: dict[str, Any], starts: list[set[str]]) -> None:
    told = reasons(explained(space_of(4, 4), **case))
    assert told[: len(starts)] == starts


def test_a_baseline_that_leads_is_finished_as_the_leader() -> None:
    told = explained(space_of(3, 3), examples=60, budget=100, answer=coin(0, lambda arm: 0.1 + 0.8 * (sum(arm) == 0)))
    assert [(one.candidate, one.reason) for one in told[-1]] == [("baseline", "finishing")]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.integers(1, 5), min_size=2, max_size=4).filter(lambda levels: len(levels) % 2 == 0).map(tuple),
    st.integers(1, 40),
    st.integers(0, 300),
    st.integers(0, 1000),
    st.sets(st.integers(3, 9), max_size=2).map(tuple),
)
def test_the_reason_is_the_step_an_arm_came_from(
    levels: tuple[int, ...], examples: int, budget: int, seed: int, added: tuple[int, ...]
) -> None:
    explained(space_of(*levels), examples=examples, budget=budget, seed=seed, added=added)
