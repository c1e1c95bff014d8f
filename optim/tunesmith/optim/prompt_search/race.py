"""The search over programs: batches of cells are asked for, scored, decided and told."""

from collections.abc import Mapping, Sequence
from typing import Any

from tunesmith.optim.prompt_search.blas import one_blas_thread
from tunesmith.optim.prompt_search.cells import CellScorer, Scored
from tunesmith.optim.prompt_search.choices import Choices, Instruction, candidate_id, candidate_name
from tunesmith.optim.prompt_search.order import search_order
from tunesmith.optim.prompt_search.programs import ArmPrograms
from tunesmith.optim.prompt_search.reasons import explain_batch
from tunesmith.optim.prompt_search.reporting import report_beliefs, report_search
from tunesmith.optim.rollouts import ErrorTally, Judge, Metric, ProgressTeller, Run, thread_count
from tunesmith.optim.search import Arm, Estimate, Objective, Search, StudyJournal
from tunesmith.optim.statistics import mean_score
from tunesmith.protocol import BatchArm, BatchClosed, CandidateScored, SearchReport
from tunesmith.protocol.folder_layout import STUDY_FILE

PARSED_SOON = 32
"""Rollouts of several candidates without one answer that can be read: none will come."""


class Race:
    """One search. What it asked for and was answered is its whole state; the store holds the answers."""

    ended_early: str | None
    """Why the search ended before its budget, where nothing was to be gained."""

    def __init__(
        self,
        run: Run,
        student: Any,
        choices: Choices,
        examples: Sequence[Any],
        metric: Metric,
        *,
        budget: int,
        ceiling: int,
        spent: int,
        seed: int,
        threads: int | None,
        errors: ErrorTally,
        objectives: Sequence[Objective] = ("score",),
        required: Sequence[Arm] = (),
        meanings: Mapping[str, str] | None = None,
        stop_at: float | None = None,
    ) -> None:
        """`budget`: cells to score at most. `ceiling` and `spent`: program calls of the whole run, and those made
        before. `required`: arms to be tried whatever else is. `meanings`: of instruction features, for the report.
        `stop_at`: a score in per cent that is good enough."""
        self.choices = choices
        self._run = run
        self._budget, self._ceiling, self._spent = budget, ceiling, spent
        self._meanings, self._stop_at = meanings, stop_at
        self._has_objectives = len(objectives) > 1
        self._first_space, self._required = choices.space(), tuple(required)
        self.programs = ArmPrograms(run, student, choices, Judge(metric))
        self.search = Search(
            self._first_space,
            examples=len(examples),
            budget=budget,
            seed=seed,
            objectives=tuple(objectives),
            required=self._required,
        )
        self._scorer = CellScorer(
            run,
            self.programs,
            examples,
            search_order(examples, seed),
            threads=thread_count(run, student, threads),
            errors=errors,
        )
        folder = run.store.path.parent if run.store.path is not None else None
        self._study = StudyJournal(folder / STUDY_FILE) if folder is not None else None
        self._progress = ProgressTeller(run, "searching", ceiling)
        self._batches = self._cells = self._read = 0
        self._leader: Arm | None = None
        self._told = ""
        self.ended_early = None
        self.is_over = budget <= 0

    @property
    def rollouts(self) -> int:
        """Program calls so far, those before the search included."""
        return self._spent + self._cells

    def spend(self, calls: int) -> None:
        """Count program calls made beside the search."""
        self._spent += calls

    def go_on(self, share: float = 1.0) -> None:
        """Score batches until this share of the budget is used, the search is over, or the run stops."""
        while not self.is_over and self._cells < share * self._budget:
            with one_blas_thread():
                batch = self.search.next_batch()
                arms = explain_batch(self.search, batch, first=self._first_space, required=self._required)
            if not batch:
                self.is_over = True
                break
            scored = self._scorer.score(batch, self._tell_progress)
            # A batch the run stopped in is closed on what there is: its result is the best so far, and a resumed run
            # scores the rest before it decides.
            self.search.close_batch({cell: scored.results.get(cell) for cell in batch})
            self._batches += 1
            self._cells += len(scored.results)
            with one_blas_thread():
                self._tell(arms, scored)
            self.is_over = self._run.stopped is not None or self._is_pointless()

    def add_instructions(self, predictor: str, added: Sequence[Instruction]) -> None:
        """New levels enter the search."""
        if added:
            self.search.add_levels(self.choices.add_instructions(predictor, added), len(added))

    def close(self) -> None:
        """The search is over: its study is complete."""
        if self._study is not None:
            self._study.close(self.search)

    def report(self) -> SearchReport:
        return self._report(self.search.estimates())

    def _report(self, estimates: Sequence[Estimate]) -> SearchReport:
        return report_search(
            self.search,
            self.choices,
            estimates,
            batches=self._batches,
            rollouts=self.rollouts,
            ceiling=self._ceiling,
            meanings=self._meanings,
            front=self._has_objectives,
        )

    def _tell(self, arms: list[BatchArm], scored: Scored) -> None:
        self._read += sum(rollout.status == "scored" for rollout in scored.rollouts)
        winner = self.search.winner()
        estimates = self.search.estimates()
        report = self._report(estimates)
        self._run.store.commit_search(report)
        if self._study is not None:
            self._study.update(self.search)
        leader = candidate_id(winner.arm)
        known = self.search.matrix.known(winner.arm)
        if winner.arm != self._leader and known:
            self._leader = winner.arm
            name = candidate_name(winner.arm, self.choices)
            self._run.emit(CandidateScored(candidate=leader, name=name, score=mean_score(known)))
        if winner.mean is not None:
            self._run.emit(
                BatchClosed(
                    batch=self._batches,
                    rollouts=self.rollouts,
                    ceiling=report.ceiling,
                    tried=len(self.search.matrix.measured()),
                    leader=leader,
                    mean=winner.mean,
                    probability=winner.probability,
                    arms=arms,
                    beliefs=report_beliefs(estimates, leader, arms),
                )
            )
        self._told = f"leader {leader}"

    def _tell_progress(self, done: int) -> None:
        self._progress.tell(self.rollouts + done, self._told)

    def _is_pointless(self) -> bool:
        if self._read == 0 and self._cells >= PARSED_SOON and len(self.search.matrix.measured()) > 1:
            self.ended_early = (
                f"not one of {self._cells} answers could be read in the format the program asks for, under any "
                "candidate: try a stronger model, or another adapter"
            )
        elif self._stop_at is not None and (reached := self._best_complete()) >= self._stop_at:
            self.ended_early = f"a candidate scored {reached:.1f} % on every validation example, as was asked for"
        return self.ended_early is not None

    def _best_complete(self) -> float:
        """In per cent, over candidates scored on every example."""
        matrix = self.search.matrix
        known = [matrix.known(arm) for arm in matrix.measured()]
        return max((100 * sum(row) / len(row) for row in known if len(row) == matrix.examples), default=float("-inf"))
