"""Instructions for a program, from evidence: before the search, and again from what its leader still fails."""

from collections.abc import Mapping, Sequence
from typing import Any

from tunesmith.optim.demos import DemoPool, Embedder
from tunesmith.optim.errors import RunStopped
from tunesmith.optim.prompt_search.blas import one_blas_thread
from tunesmith.optim.prompt_search.cells import RETRIES
from tunesmith.optim.prompt_search.choices import Choices, Instruction, candidate_id, own_instruction
from tunesmith.optim.prompt_search.order import search_order
from tunesmith.optim.prompt_search.race import Race
from tunesmith.optim.proposer import (
    FEATURES,
    Analysis,
    Proposal,
    Proposer,
    ScoredInstruction,
    can_write,
    describe_analysis,
    digest_errors,
    extract_features,
    feature_context,
    find_patterns,
    outline_program,
)
from tunesmith.optim.rollouts import ErrorTally, Metric, Run, evaluate
from tunesmith.optim.search import Arm
from tunesmith.optim.statistics import label_field
from tunesmith.protocol import Analysed, InstructionsProposed, Rollout

REFLECTED = 3
"""New instructions a predictor and reflection."""


class Author:
    """Reads the evidence, has instructions written, and knows what each of them asks for.

    Everything it looks at is training data: what a search chooses by must stay unseen by what it chooses from.
    """

    program_calls: int
    """Programs run so far to have something to read."""

    def __init__(
        self,
        run: Run,
        student: Any,
        trainset: Sequence[Any],
        pool: DemoPool,
        *,
        metric: Metric,
        prompt_model: Any,
        views: frozenset[str],
        wanted: int,
        temperature: float,
        embedder: Embedder | str | None,
        seed: int,
        errors: ErrorTally,
        threads: int | None,
    ) -> None:
        self._run, self._student, self._trainset, self._pool = run, student, trainset, pool
        self._metric, self._prompt_model, self._views = metric, prompt_model, views
        self._wanted, self._temperature, self._embedder, self._seed = wanted, temperature, embedder, seed
        self._errors, self._threads = errors, threads
        self._order = search_order(trainset, seed)
        self._failed: list[int] = []
        """Places of training examples the baseline did not get fully right, in the order they were looked at."""
        self.program_calls = 0
        self._signatures = {name: predictor.signature for name, predictor in student.named_predictors()}
        self._analysis: Analysis | None = None
        self._proposer: Proposer | None = None

    @property
    def meanings(self) -> Mapping[str, str]:
        """Of every feature, by name."""
        return {name: feature.meaning for name, feature in FEATURES.items()}

    @property
    def prompt_calls(self) -> int:
        return self._proposer.calls if self._proposer is not None else 0

    def read_errors(self, count: int) -> Analysis:
        """Look at the data, the program, its successes, and what the baseline makes of `count` training examples."""
        rollouts = self._answer(self._student, self._order[:count], "baseline", "reading the baseline's errors")
        best = max([1.0, *(rollout.score for rollout in rollouts if rollout.score is not None)])
        self._failed = [rollout.index for rollout in rollouts if rollout.score is not None and rollout.score < best]
        traces = {
            name: [(turn.inputs, turn.outputs) for turn in self._pool.candidates(name)]
            for name in self._pool.predictors
        }
        self._analysis = Analysis(
            data=find_patterns(self._trainset),
            program=outline_program(self._student, rollouts=rollouts),
            errors=self._digest(rollouts) if rollouts else None,
            traces=traces,
        )
        self._run.emit(Analysed(lines=describe_analysis(self._analysis)))
        return self._analysis

    def write_first(self) -> dict[str, list[Instruction]]:
        """For every predictor its own instruction, then the variants."""
        assert self._analysis is not None, "read_errors comes first"
        own = {
            name: [own_instruction(predictor, self._features(name, predictor.signature.instructions))]
            for name, predictor in self._student.named_predictors()
        }
        if not self._wanted:
            return own
        self._proposer = Proposer(
            lm=self._prompt_lm(),
            analysis=self._analysis,
            signatures=self._signatures,
            examples=self._trainset,
            traces=self._analysis.traces,
            count=self._wanted,
            views=self._views,
            seed=self._seed,
            embedder=self._embedder,
            temperature=self._temperature,
            warn=self._run.warn_once,
        )
        return {name: [*levels, *self._first_variants(name)] for name, levels in own.items()}

    def _first_variants(self, name: str) -> list[Instruction]:
        assert self._proposer is not None
        try:
            return self._written(name, self._proposer.propose(name), 0)
        except RunStopped:  # from the prompt model's call: what was measured so far is still to be concluded from
            return []

    def reflect(self, race: Race, count: int, number: int) -> None:
        """Show the leader `count` training examples, and add instructions written from what it fails."""
        if self._proposer is None or self._run.stopped:
            return
        leader = race.search.winner().arm
        places = self._unseen(race.choices, leader)[:count]
        rollouts = self._answer(
            race.programs.program(leader), places, candidate_id(leader), "looking at what still fails"
        )
        race.spend(len(places))
        with one_blas_thread():
            report = race.report()
        failures = self._digest(rollouts)
        for name in race.choices.predictors:
            scored = [
                ScoredInstruction(text=one.text, effect=one.mean, low=one.low, high=one.high)
                for one in report.effects
                if one.predictor == name and one.kind == "instruction"
            ]
            features = {one.name: one.mean for one in report.features if one.predictor == name}
            try:
                proposals = self._proposer.reflect(
                    name, scored, failures, wanted=REFLECTED, number=number, feature_effects=features
                )
            except RunStopped:
                return
            race.add_instructions(name, self._written(name, proposals, number))

    def _answer(self, program: Any, places: Sequence[int], candidate: str, phase: str) -> list[Rollout]:
        if not places:
            return []
        rollouts = evaluate(
            self._run,
            program,
            self._trainset,
            self._metric,
            candidate=candidate,
            only=places,
            split="train",
            phase=phase,
            errors=self._errors,
            threads=self._threads,
            retries=RETRIES,
        )
        self.program_calls += len(places)
        return rollouts

    def _digest(self, rollouts: Sequence[Rollout]) -> Any:
        return digest_errors(rollouts, self._trainset, label=label_field(self._trainset))

    def _unseen(self, choices: Choices, arm: Arm) -> list[int]:
        """Training places the arm's demos do not show, those the baseline failed first."""
        shown = {choice.example for name in choices.predictors for choice in choices.demo_set(arm, name).choices}
        return [place for place in dict.fromkeys([*self._failed, *self._order]) if place not in shown]

    def _written(self, predictor: str, proposals: Sequence[Proposal], number: int) -> list[Instruction]:
        views: dict[str, int] = {}
        for proposal in proposals:
            views[proposal.view] = views.get(proposal.view, 0) + 1
        if proposals:
            self._run.emit(InstructionsProposed(predictor=predictor, round=number, count=len(proposals), views=views))
        return [
            Instruction(
                text=proposal.text,
                view=proposal.view,
                why=proposal.why,
                features=self._features(predictor, proposal.text),
            )
            for proposal in proposals
        ]

    def _features(self, predictor: str, text: str) -> dict[str, float]:
        assert self._analysis is not None
        return extract_features(text, feature_context(self._analysis, predictor, self._signatures[predictor]))

    def _prompt_lm(self) -> Any:
        """None: templates write."""
        return self._run.wrap(self._prompt_model) if can_write(self._prompt_model) else None
