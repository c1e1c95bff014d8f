"""`evaluate`: the program as it is, scored on its validation data, or else on its training data."""

from typing import Any

import dspy

from tunesmith.optim.artifact import plain_state
from tunesmith.optim.cost import Evidence, Part, ProgramCalls
from tunesmith.optim.errors import RunError
from tunesmith.optim.order import Order, WorkerSide
from tunesmith.optim.outcome import TuneOutcome
from tunesmith.optim.rollouts import Executor, Judge, Run, evaluate, place_examples
from tunesmith.optim.statistics import mean_score
from tunesmith.protocol import BASELINE, Candidate, CandidateScored, Score


def evaluate_program(run: Run, order: Order) -> tuple[dspy.Module, TuneOutcome]:
    """The program as it came, and its score; none where the run stopped before anything was scored.

    Raises `RunError` where nothing could be scored.
    """
    outcome = TuneOutcome(
        baseline=_score(run, order), tuned=None, gain=None, demos=[], shipped=False, stopped=run.stopped, warnings=[]
    )
    return order.resolved.program, outcome


def plan_evaluation(order: Order, evidence: Evidence) -> ProgramCalls:
    """One call an example."""
    count = len(_examples(order))
    return ProgramCalls(
        train=0, val=count, parts=[Part(calls=count, demos=0)], basis=f"one for each of {count} examples"
    )


def _examples(order: Order) -> list[Any]:
    return order.resolved.valset or order.resolved.trainset


def _score(run: Run, order: Order) -> Score | None:
    spec, resolved = order.spec, order.resolved
    state = plain_state(resolved.program)
    run.store.commit_candidate(Candidate(id=BASELINE, name=BASELINE, parent=None, state=state))
    rollouts = evaluate(
        Executor(run),
        resolved.program,
        place_examples(_examples(order)),
        Judge(resolved.metric),
        candidate=BASELINE,
        phase="scoring the program",
        raise_if_all_fail=True,
    )
    scores = [rollout.score for rollout in rollouts if rollout.score is not None]
    if not scores:
        if run.stopped:
            return None
        errors = [rollout.error for rollout in rollouts if rollout.error]
        raise RunError(
            f"No example could be scored: {errors[0] if errors else 'no rollout finished'}",
            where=f"{spec.target.file}:{spec.target.line}",
            next_step=f"`tunesmith runs show {spec.run_id} --example 0` shows what happened.",
        )
    score = mean_score(scores)
    run.emit(CandidateScored(candidate=BASELINE, name=BASELINE, score=score))
    return score


WORKER_SIDE = WorkerSide(tune=evaluate_program, plan=plan_evaluation)
