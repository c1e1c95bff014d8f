"""Instructions for a search, from evidence: before it starts, and again from what its leader still fails.

What dspy calls grounded proposal (dspy/propose/grounded_proposer.py; Opsahl-Ong et al. 2024, arXiv:2406.11695): whoever
writes is shown the data, the program and its traces, and here also its errors and what the search learnt.
"""

from collections.abc import Sequence
from typing import Any

from tunesmith.optim.demos import DemoPool
from tunesmith.optim.dspy_types import Example, LanguageModel, Program
from tunesmith.optim.errors import RunStopped
from tunesmith.optim.prompt_search.choices import Choices, Instruction, candidate_id, own_instruction
from tunesmith.optim.prompt_search.examples import search_order
from tunesmith.optim.prompt_search.race import Race
from tunesmith.optim.proposer import (
    Analysis,
    ErrorDigest,
    InstructionWriter,
    Proposal,
    ScoredInstruction,
    WritingSettings,
    can_write,
    describe_analysis,
    digest_errors,
    extract_features,
    feature_context,
    find_patterns,
    outline_program,
)
from tunesmith.optim.rollouts import Executor, Judge, Metric, evaluate, place_examples
from tunesmith.optim.search import Arm, one_blas_thread
from tunesmith.optim.statistics import label_field
from tunesmith.protocol import BASELINE, Analysed, InstructionsProposed, Rollout

REFLECTED = 3
"""New instructions a predictor and reflection."""


class GroundedProposer:
    """Gathers the evidence, has instructions written, and knows what each of them asks for.

    Everything it looks at is training data: what a search chooses by must stay unseen by what it chooses from.
    """

    program_calls: int
    """Programs run so far to have something to read."""

    def __init__(
        self,
        executor: Executor,
        student: Program,
        trainset: Sequence[Example],
        pool: DemoPool,
        *,
        metric: Metric,
        prompt_model: LanguageModel | None,
        settings: WritingSettings,
    ) -> None:
        """`pool`: traces of the program's successes. `prompt_model`: writes, where it can; else templates do."""
        self._executor, self._run = executor, executor.run
        self._student, self._trainset, self._pool = student, trainset, pool
        self._judge, self._prompt_model, self._settings = Judge(metric), prompt_model, settings
        self._order = search_order(trainset, settings.seed)
        self._failed: list[int] = []
        """Places of training examples the baseline did not get fully right, in the order they were looked at."""
        self.program_calls = 0
        self._signatures = {name: predictor.signature for name, predictor in student.named_predictors()}
        self._analysis: Analysis | None = None
        self._writer: InstructionWriter | None = None

    def read_errors(self, count: int) -> Analysis:
        """Look at the data, the program, its successes, and what the baseline makes of `count` training examples.

        Raises what `evaluate` raises.
        """
        rollouts = self._answer(self._student, self._order[:count], BASELINE, "reading the baseline's errors")
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
        """For every predictor its own instruction, then the variants. `read_errors` must come first."""
        assert self._analysis is not None, "read_errors comes first"
        own = {
            name: [own_instruction(predictor, self._features(name, predictor.signature.instructions))]
            for name, predictor in self._student.named_predictors()
        }
        if not self._settings.count:
            return own
        self._writer = InstructionWriter(
            self._prompt_lm(),
            self._analysis,
            self._signatures,
            self._trainset,
            self._settings,
            warn=self._run.warn_once,
        )
        return {name: [*levels, *self._first_variants(self._writer, name)] for name, levels in own.items()}

    def _first_variants(self, writer: InstructionWriter, name: str) -> list[Instruction]:
        try:
            return self._written(name, writer.propose(name), 0)
        except RunStopped:  # from the prompt model's call: what was measured so far is still to be concluded from
            return []

    def reflect(self, race: Race, count: int, number: int) -> None:
        """Show the leader `count` training examples, and add instructions written from what it fails.

        `number` counts the reflections of the search, from 1. Raises what `evaluate` raises.
        """
        if self._writer is None or self._run.stopped:
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
                proposals = self._writer.reflect(
                    name, scored, failures, wanted=REFLECTED, number=number, feature_effects=features
                )
            except RunStopped:
                return
            race.add_instructions(name, self._written(name, proposals, number))

    def _answer(self, program: Program, places: Sequence[int], candidate: str, phase: str) -> list[Rollout]:
        if not places:
            return []
        placed = place_examples(self._trainset, "train", only=places)
        rollouts = evaluate(self._executor, program, placed, self._judge, candidate=candidate, phase=phase)
        self.program_calls += len(places)
        return rollouts

    def _digest(self, rollouts: Sequence[Rollout]) -> ErrorDigest:
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
