"""Scoring cells, each a candidate on one example, until the batch they belong to can close.

A call that failed is tried again while the batch is open. What fails to the end is missing for good: its key is kept,
so that a resumed run decides as this one did. A model out of reach is no reason to close a batch on half of its
cells: that ends the run, which can be resumed.
"""

from collections.abc import Callable, Sequence

from msgspec import Struct

from tunesmith.optim.prompt_search.programs import CandidatePrograms
from tunesmith.optim.rollouts import Executor, PlacedExample, RolloutResult, rollout_key, run_rollout
from tunesmith.optim.search import Cell, CellResult
from tunesmith.protocol import Rollout, Wire

RETRIES = 4
"""Further tries of a failed cell, beside the retries of each of its calls."""
GIVEN_UP = "cells given up"


class _GivenUp(Wire, frozen=True, kw_only=True):
    keys: list[str]


class Scored(Struct, frozen=True, kw_only=True):
    """What came of a batch."""

    results: dict[Cell, CellResult | None]
    """None: missing for good. A cell the stopped run did not get to is not in it."""
    rollouts: list[Rollout]
    """In the order of the cells."""


class CellScorer:
    """Scores the cells of one search."""

    def __init__(self, executor: Executor, programs: CandidatePrograms, examples: Sequence[PlacedExample]) -> None:
        """`examples` in the order of the search. The executor's errors count cells that are given up and metrics that
        raise; a candidate that makes the program fail is no error but a bad candidate."""
        self._executor, self._run, self._errors = executor, executor.run, executor.errors
        self._programs, self._examples = programs, examples
        self._threads = executor.thread_count(programs.student)
        kept = self._run.store.meta(GIVEN_UP, _GivenUp)
        self._given_up = set(kept.keys) if kept is not None else set()
        self._program_error: BaseException | None = None

    def score(self, cells: Sequence[Cell], report: Callable[[int], None] = lambda _done: None) -> Scored:
        """`report` is given the number of cells tried so far.

        Raises the first error where the batch cannot close: its model is out of reach, or there were too many.
        """
        wanted = [cell for cell in cells if self._key(cell) not in self._given_up]
        tried = self._executor.map(
            self._roll_out,
            wanted,
            threads=self._threads,
            may_pass=lambda one: one.may_pass,
            each=lambda place, _: report(place + 1),
        )
        finished = dict(zip(wanted, tried, strict=True))
        lost = [cell for cell in wanted if finished[cell].may_pass]
        if lost and not self._run.stopped:
            self._give_up(lost, finished, len(cells))
        results: dict[Cell, CellResult | None] = {}
        for cell in cells:
            one = finished.get(cell)
            if one is None or not one.stopped:
                results[cell] = self._result(one.rollout) if one is not None else None
        kept = [finished[cell].rollout for cell in cells if cell in finished and not finished[cell].stopped]
        return Scored(results=results, rollouts=kept)

    @property
    def program_error(self) -> BaseException | None:
        """The first thing a program raised, but for answers it could not read."""
        return self._program_error

    def _roll_out(self, cell: Cell, _is_last: bool) -> RolloutResult:
        finished = run_rollout(self._run, self._programs.task(cell.arm), self._examples[cell.place])
        if finished.rollout.status == "unparsed" and finished.error is not None:
            self._program_error = self._program_error or finished.error
        if finished.rollout.status == "failed" and finished.error is not None and not finished.may_pass:
            self._errors.add(finished.error, self._place(cell))
        return finished

    def _give_up(self, cells: Sequence[Cell], finished: dict[Cell, RolloutResult], asked: int) -> None:
        for cell in cells:
            error = finished[cell].error
            assert error is not None
            self._errors.add(error, self._place(cell))
        if 2 * len(cells) > asked:
            self._errors.raise_first(f"{len(cells)} of {asked} rollouts could not be had; the run can be resumed")
        self._errors.raise_if_exceeded()
        self._given_up |= {self._key(cell) for cell in cells}
        self._run.store.commit_meta(GIVEN_UP, _GivenUp(keys=sorted(self._given_up)))

    def _result(self, rollout: Rollout) -> CellResult | None:
        if rollout.score is None:
            return None
        return CellResult(score=rollout.score, tokens=self._tokens(rollout), seconds=rollout.seconds)

    def _tokens(self, rollout: Rollout) -> float:
        calls = [self._run.store.call(key) for step in rollout.steps for key in step.calls]
        return float(sum(call.prompt_tokens + call.completion_tokens for call in calls if call is not None))

    def _key(self, cell: Cell) -> str:
        return rollout_key(self._programs.task(cell.arm), self._examples[cell.place])

    def _place(self, cell: Cell) -> str:
        return f"example {self._examples[cell.place].index} of the validation data"
