"""The programs that are compared, each run on the same examples under its own language model."""

from collections.abc import Mapping, Sequence
from typing import Any

import dspy
from msgspec import Struct

from tunesmith.optim.rollouts import ErrorTally, Executor, Judge, Run, evaluate, place_examples, state_without_lms
from tunesmith.optim.statistics import mean_score
from tunesmith.protocol import ArmName, ArmScore, Candidate, CandidateScored, Rollout, Score

PHASES: dict[ArmName, str] = {
    "base": "scoring the untuned model",
    "few-shot": "scoring the untuned model with demos",
    "tuned": "scoring the tuned model",
    "teacher": "scoring the teacher",
}

ANSWERS_AT_ONCE = 8
"""Of a model on this machine, whose calls are computed together: weights are read once for all of them."""


class Contestant(Struct, frozen=True, kw_only=True):
    """A program that is compared with the others."""

    name: ArmName
    program: Any
    settings: Mapping[str, Any]
    """dspy settings it runs under, its language model among them."""
    threads: int | None = None
    """Examples at once. None: as many as the run has."""


class Examination(Struct, frozen=True, kw_only=True):
    """What all contestants are asked, and who judges their answers."""

    examples: Sequence[Any]
    judge: Judge
    errors: ErrorTally
    """Of all of them together."""
    retries: int = 2
    """Further tries of an example whose model could not be reached."""


class Scored(Struct, frozen=True, kw_only=True):
    """A contestant's rollouts, in the order of the examples."""

    contestant: Contestant
    rollouts: list[Rollout]
    score: Score | None
    """None where no example could be scored."""
    threads: int
    """Examples that were answered at once."""

    @property
    def scores(self) -> list[float | None]:
        """One an example; None where it could not be scored."""
        return [rollout.score for rollout in self.rollouts]


def score_contestant(run: Run, contestant: Contestant, examination: Examination) -> Scored:
    """Run and judge a contestant, and commit it as a candidate of the run."""
    name, program = contestant.name, contestant.program
    executor = Executor(run, errors=examination.errors, threads=contestant.threads, retries=examination.retries)
    placed = place_examples(examination.examples)
    with dspy.context(**contestant.settings):
        rollouts = evaluate(executor, program, placed, examination.judge, candidate=name, phase=PHASES[name])
    values = [rollout.score for rollout in rollouts if rollout.score is not None]
    score = mean_score(values) if values else None
    run.store.commit_candidate(Candidate(id=name, name=name, parent=None, state=state_without_lms(program)))
    if score is not None:
        run.emit(CandidateScored(candidate=name, name=name, score=score))
    threads = min(executor.thread_count(program), max(len(rollouts), 1))
    return Scored(contestant=contestant, rollouts=rollouts, score=score, threads=threads)


def describe_contestant(run: Run, scored: Scored) -> ArmScore | None:
    """The score with the seconds and US dollars it took, for the report. None where there is no score."""
    if scored.score is None:
        return None
    answered = [rollout for rollout in scored.rollouts if rollout.status != "failed"]
    passing = sum(rollout.accepted for rollout in scored.rollouts)
    usd = _usd(run, answered)
    return ArmScore(
        name=scored.contestant.name,
        score=scored.score,
        unparsed=sum(rollout.status == "unparsed" for rollout in scored.rollouts),
        seconds_per_answer=sum(rollout.seconds for rollout in answered) / max(len(answered), 1) / scored.threads,
        usd_per_passing=usd / passing if usd is not None and passing else None,
    )


def _usd(run: Run, rollouts: Sequence[Rollout]) -> float | None:
    """What the calls cost. None where a price is unknown."""
    total = 0.0
    for rollout in rollouts:
        for key in (key for step in rollout.steps for key in step.calls):
            call = run.store.call(key, rollout=rollout.key)
            if call is None or call.usd is None:
                return None
            total += call.usd
    return total
