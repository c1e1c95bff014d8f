"""Cells that fail: tried again while their batch is open, then missing for good, also for a resumed run."""

from collections import Counter
from pathlib import Path
from typing import Any

import dspy
import pytest

from support.lms.scripted_lm import ScriptedLM, field
from tunesmith.optim.prompt_search.cells import RETRIES, CellScorer
from tunesmith.optim.prompt_search.examples import SearchProblem
from tunesmith.optim.prompt_search.headroom import level_zero, probe_headroom
from tunesmith.optim.prompt_search.programs import CandidatePrograms
from tunesmith.optim.rollouts import Executor, Judge, Run, place_examples
from tunesmith.optim.rollouts.error_tally import ErrorTally
from tunesmith.optim.search import Cell, CellResult
from tunesmith.protocol import Budget
from tunesmith.protocol.store import RunStore


def examples(count: int) -> list[dspy.Example]:
    return [dspy.Example(question=f"q{i}", answer=f"Q{i}").with_inputs("question") for i in range(count)]


def exact(example: Any, prediction: Any, trace: Any = None) -> bool:
    return bool(example.answer == prediction.answer)


class FailingLM(ScriptedLM):
    """Fails for named questions, so many times each."""

    def __init__(self, failing: dict[str, int], error: type[Exception] = TimeoutError) -> None:
        super().__init__(lambda asked: {"answer": field("question", asked).upper()})
        self.left, self.error = Counter(failing), error

    def _use_example(self, messages: list[dict[str, Any]]) -> str:
        question = field("question", messages[-1]["content"])
        if self.left[question] > 0:
            self.left[question] -= 1
            raise self.error("overloaded")
        return super()._use_example(messages)


def score(lm: Any, store: RunStore, count: int = 8, *, max_errors: int = 10, budget: Budget | None = None) -> Any:
    student = dspy.Predict("question -> answer")
    run = Run(store, budget=budget or Budget())
    choices = level_zero(student)
    with dspy.context(lm=lm):
        scorer = CellScorer(
            Executor(run, errors=ErrorTally(max_errors), threads=1, retries=RETRIES),
            CandidatePrograms(run, student, choices, Judge(exact)),
            place_examples(examples(count)),
        )
        return scorer.score([Cell((0, 0), place) for place in range(count)])


def test_a_failed_cell_is_tried_again_until_it_is_answered() -> None:
    scored = score(FailingLM({"q1": 2, "q5": RETRIES}), RunStore.memory())
    assert [result.score for result in scored.results.values()] == [1.0] * 8
    assert [rollout.index for rollout in scored.rollouts] == list(range(8))


def test_what_fails_to_the_end_is_missing_for_good_and_never_a_zero(tmp_path: Path) -> None:
    with RunStore.open(tmp_path) as store:
        first = score(FailingLM({"q1": 99}), store)
    assert first.results[Cell((0, 0), 1)] is None
    assert sum(isinstance(result, CellResult) for result in first.results.values()) == 7
    healed = FailingLM({})
    with RunStore.open(tmp_path) as store:
        again = score(healed, store)
    assert again.results == first.results
    assert healed.asked == []


def test_a_batch_does_not_close_on_an_outage(tmp_path: Path) -> None:
    failing = {f"q{i}": 99 for i in range(5)}
    with RunStore.open(tmp_path) as store, pytest.raises(Exception, match="overloaded"):
        score(FailingLM(failing), store)
    with RunStore.open(tmp_path) as store:
        resumed = score(FailingLM({}), store)
    assert all(result is not None for result in resumed.results.values())


def test_errors_are_counted_over_batches() -> None:
    with pytest.raises(Exception, match="overloaded"):
        score(FailingLM({"q1": 99, "q2": 99}), RunStore.memory(), max_errors=2)


def test_an_error_that_will_not_pass_is_not_tried_again() -> None:
    lm = FailingLM({"q1": 99}, error=ValueError)
    score(lm, RunStore.memory())
    assert lm.left["q1"] >= 97  # an adapter may ask in a second format


def test_a_stopped_run_leaves_out_what_it_did_not_get_to() -> None:
    scored = score(FailingLM({}), RunStore.memory(), budget=Budget(max_calls=3))
    assert list(scored.results) == [Cell((0, 0), place) for place in range(3)]


@pytest.mark.parametrize(
    ("right", "asked", "perfect"), [(40, 40, True), (39, 40, False), (15, 16, False)], ids=["all", "most", "few"]
)
def test_the_whole_baseline_is_only_scored_where_the_first_examples_leave_no_room(
    right: int, asked: int, perfect: bool
) -> None:
    data = examples(40)
    order: list[str] = []

    def answer(question: str) -> dict[str, str]:
        order.append(question)
        return {"answer": field("question", question).upper() if len(order) <= right else "no"}

    lm = ScriptedLM(answer)
    with dspy.context(lm=lm):
        headroom = probe_headroom(
            Executor(Run(RunStore.memory()), errors=ErrorTally(10), threads=1, retries=RETRIES),
            SearchProblem(student=dspy.Predict("question -> answer"), valset=data, metric=exact, seed=0),
            budget=100,
        )
    assert (len(lm.asked), headroom.is_perfect) == (asked, perfect)
