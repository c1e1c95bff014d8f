"""Baseline against tuned, on the same examples."""

from collections.abc import Sequence
from typing import Any

from msgspec import Struct

from tunesmith.optim.dspy_types import Example, Program
from tunesmith.optim.rollouts.evaluation import evaluate
from tunesmith.optim.rollouts.executor import Executor
from tunesmith.optim.rollouts.judge import Judge, Metric
from tunesmith.optim.rollouts.placed_examples import place_examples
from tunesmith.optim.rollouts.program_copy import copy_program
from tunesmith.optim.rollouts.run import Run
from tunesmith.optim.statistics import mean_score, paired_gain
from tunesmith.protocol import BASELINE, TUNED, Candidate, CandidateScored, Gain, Rollout, Score


class Comparison(Struct, frozen=True, kw_only=True):
    """Two programs scored on the same examples; None what could not be had."""

    baseline: Score | None
    tuned: Score | None
    gain: Gain | None
    """None where no example was scored under both."""

    def is_worth_it(self, *, strict: bool) -> bool:
        """The gain is likely; confirmed if `strict`. What could not be measured is not worth it."""
        if self.gain is None:
            return False
        return self.gain.verdict == "confirmed" or (self.gain.verdict == "likely" and not strict)


def compare_programs(
    executor: Executor, baseline: Program, tuned: Program, examples: Sequence[Example], metric: Metric
) -> Comparison:
    """Score both on `examples`, and commit both as candidates with their scores. Raises what `evaluate` raises."""
    run, placed, judge = executor.run, place_examples(examples), Judge(metric)
    before = evaluate(executor, baseline, placed, judge, candidate=BASELINE, phase="scoring the baseline")
    first = _score(before)
    _commit(run, BASELINE, None, baseline, first, None)
    after = evaluate(executor, tuned, placed, judge, candidate=TUNED, phase="scoring the tuned program")
    pairs = [
        (old.score, new.score)
        for old, new in zip(before, after, strict=True)
        if old.score is not None and new.score is not None
    ]
    gain = paired_gain([old for old, _ in pairs], [new for _, new in pairs]) if pairs else None
    second = _score(after)
    _commit(run, TUNED, BASELINE, tuned, second, gain)
    return Comparison(baseline=first, tuned=second, gain=gain)


def _score(rollouts: Sequence[Rollout]) -> Score | None:
    scores = [rollout.score for rollout in rollouts if rollout.score is not None]
    return mean_score(scores) if scores else None


def _commit(run: Run, name: str, parent: str | None, program: Program, score: Score | None, gain: Gain | None) -> None:
    run.store.commit_candidate(Candidate(id=name, name=name, parent=parent, state=state_without_lms(program)))
    if score is not None:
        run.emit(CandidateScored(candidate=name, name=name, score=score, gain=gain))


def state_without_lms(program: Program) -> dict[str, Any]:
    """`dump_state()` with every `lm` null: LMs carry endpoints, and some cannot be dumped at all."""
    copied = copy_program(program)
    for predictor in copied.predictors():
        predictor.lm = None
    return copied.dump_state()
