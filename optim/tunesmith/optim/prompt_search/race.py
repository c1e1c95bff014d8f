"""The search over programs: batches of cells are asked for, scored, decided on, and reported."""

from collections.abc import Sequence

from tunesmith.optim.prompt_search.call_budget import RaceBudget
from tunesmith.optim.prompt_search.cells import CellScorer, Scored
from tunesmith.optim.prompt_search.choices import Choices, Instruction, candidate_id, candidate_name
from tunesmith.optim.prompt_search.examples import SearchProblem
from tunesmith.optim.prompt_search.programs import CandidatePrograms
from tunesmith.optim.prompt_search.reasons import explain_batch
from tunesmith.optim.prompt_search.reporting import report_beliefs, report_search
from tunesmith.optim.rollouts import Executor, Judge, ProgressReporter
from tunesmith.optim.search import Arm, ArmBelief, Search, StudyJournal, one_blas_thread
from tunesmith.optim.statistics import mean_score
from tunesmith.protocol import BatchArm, BatchClosed, CandidateScored, Objective, SearchReport
from tunesmith.protocol.folder_layout import STUDY_FILE

PARSED_SOON = 32
"""Rollouts of several candidates without one answer that can be read: none will come."""


class Race:
    """One search. What it asked for and was answered is its whole state; the store holds the answers."""

    choices: Choices
    programs: CandidatePrograms
    search: Search
    ended_early: str | None
    """Why the search ended before its budget, where nothing was to be gained."""
    is_over: bool
    """No batch follows: the budget is used, the search wants no more, the run was stopped, or it ended early."""

    def __init__(
        self,
        executor: Executor,
        problem: SearchProblem,
        choices: Choices,
        *,
        budget: RaceBudget,
        objectives: Sequence[Objective] = ("score",),
        required: Sequence[Arm] = (),
        stop_at: float | None = None,
    ) -> None:
        """`required`: candidates to be tried whatever else is. `stop_at`: a score in per cent that is good enough."""
        self.choices = choices
        self._run = executor.run
        self._budget, self._spent = budget, budget.spent
        self._stop_at = stop_at
        self._first_space, self._required = choices.space(), tuple(required)
        self.programs = CandidatePrograms(self._run, problem.student, choices, Judge(problem.metric))
        self.search = Search(
            self._first_space,
            examples=len(problem.valset),
            budget=budget.cells,
            seed=problem.seed,
            objectives=tuple(objectives),
            required=self._required,
        )
        self._scorer = CellScorer(executor, self.programs, problem.ordered_examples())
        folder = self._run.store.path.parent if self._run.store.path is not None else None
        self._study = StudyJournal(folder / STUDY_FILE) if folder is not None else None
        self._progress = ProgressReporter(self._run, "searching", budget.ceiling)
        self._cells = self._read = 0
        self._leader: Arm | None = None
        self._leader_text = ""
        self.ended_early = None
        self.is_over = budget.cells <= 0

    @property
    def rollouts(self) -> int:
        """Program calls so far, those before the search included."""
        return self._spent + self._cells

    def spend(self, calls: int) -> None:
        """Count program calls made beside the search."""
        self._spent += calls

    def go_on(self, share: float = 1.0) -> None:
        """Score batches until this share of the budget is used, the search is over, or the run stops.

        Raises what `CellScorer.score` raises.
        """
        while not self.is_over and self._cells < share * self._budget.cells:
            with one_blas_thread():
                batch = self.search.next_batch()
                arms = explain_batch(self.search, batch, first=self._first_space, required=self._required)
            if not batch:
                self.is_over = True
                break
            scored = self._scorer.score(batch, self._report_progress)
            # A batch the run stopped in is closed on what there is: its result is the best so far, and a resumed run
            # scores the rest before it decides.
            self.search.close_batch({cell: scored.results.get(cell) for cell in batch})
            self._cells += len(scored.results)
            with one_blas_thread():
                self._report_batch(arms, scored)
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
        """Everything the search believes now."""
        return self._report(self.search.beliefs())

    def _report(self, beliefs: Sequence[ArmBelief]) -> SearchReport:
        return report_search(self.search, self.choices, beliefs, rollouts=self.rollouts, ceiling=self._budget.ceiling)

    def _report_batch(self, arms: list[BatchArm], scored: Scored) -> None:
        self._read += sum(rollout.status == "scored" for rollout in scored.rollouts)
        winner = self.search.winner()
        beliefs = self.search.beliefs()
        report = self._report(beliefs)
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
                    batch=self.search.batch_number,
                    rollouts=self.rollouts,
                    ceiling=report.ceiling,
                    tried=len(self.search.matrix.measured()),
                    leader=leader,
                    mean=winner.mean,
                    probability=winner.probability,
                    arms=arms,
                    beliefs=report_beliefs(beliefs, leader, arms),
                )
            )
        self._leader_text = f"leader {leader}"

    def _report_progress(self, done: int) -> None:
        self._progress.report(self.rollouts + done, self._leader_text)

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
