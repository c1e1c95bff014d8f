"""Is there anything to gain? Asked of the baseline before anything else is paid for."""

from collections.abc import Sequence

from msgspec import Struct

from tunesmith.optim.demos import AS_IT_CAME, DemoSet
from tunesmith.optim.dspy_types import Program
from tunesmith.optim.prompt_search.cells import CellScorer
from tunesmith.optim.prompt_search.choices import Choices, own_instruction
from tunesmith.optim.prompt_search.examples import SearchProblem
from tunesmith.optim.prompt_search.programs import CandidatePrograms
from tunesmith.optim.rollouts import Executor, Judge, ProgressReporter
from tunesmith.optim.search import Cell
from tunesmith.protocol import Rollout

PROBED = 16
"""Examples looked at first; all of them only where these leave no room."""
PERFECT = 1.0


class Headroom(Struct, frozen=True, kw_only=True):
    """How good the program is as it came."""

    rollouts: list[Rollout]
    """The baseline's, in the order of the search. A search asks for the same cells, and finds them."""
    is_perfect: bool
    """Every validation example is right already."""


def probe_headroom(executor: Executor, problem: SearchProblem, *, budget: int) -> Headroom:
    """Score the baseline on the first examples; on all, within `budget` program calls, where those are all right.

    Raises the first error where the program or the metric raised on every one: nothing could be tuned then.
    """
    run, count = executor.run, len(problem.valset)
    choices = level_zero(problem.student)
    programs = CandidatePrograms(run, problem.student, choices, Judge(problem.metric))
    scorer = CellScorer(executor, programs, problem.ordered_examples())
    baseline = choices.space().baseline

    def score(first: int, last: int) -> list[Rollout]:
        progress = ProgressReporter(run, "looking for headroom", last)
        cells = [Cell(baseline, place) for place in range(first, last)]
        return scorer.score(cells, lambda done: progress.report(first + done)).rollouts

    found = score(0, min(PROBED, count, budget))
    if scorer.program_error is not None and all(rollout.error is not None for rollout in found) and not run.stopped:
        scorer.program_error.add_note("raised by the program on every validation example looked at")
        raise scorer.program_error
    if _all_right(found) and len(found) < count <= budget:
        found += score(len(found), count)
    return Headroom(rollouts=found, is_perfect=len(found) == count and _all_right(found))


def level_zero(student: Program) -> Choices:
    """Nothing to choose from but what the program came with."""
    named = student.named_predictors()
    return Choices(
        {name: [own_instruction(predictor, {})] for name, predictor in named},
        {
            name: [DemoSet(name=AS_IT_CAME, demos=list(predictor.demos), choices=[], tokens=0)]
            for name, predictor in named
        },
    )


def _all_right(rollouts: Sequence[Rollout]) -> bool:
    return bool(rollouts) and all(rollout.score == PERFECT for rollout in rollouts)
