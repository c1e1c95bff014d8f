"""`evaluate`: the program as it is, scored on its validation data, or else on its training data."""

from tunesmith.optim.artifact import plain_state
from tunesmith.optim.errors import RunError
from tunesmith.optim.rollouts import Executor, Judge, Run, evaluate, place_examples
from tunesmith.optim.statistics import mean_score
from tunesmith.optim.target_loading import Resolved
from tunesmith.protocol import BASELINE, Candidate, CandidateScored, RunSpec, Score


def score_program(run: Run, spec: RunSpec, resolved: Resolved) -> Score | None:
    """None where the run stopped before anything was scored. Raises `RunError` where nothing could be scored."""
    examples = resolved.valset or resolved.trainset
    state = plain_state(resolved.program)
    run.store.commit_candidate(Candidate(id=BASELINE, name=BASELINE, parent=None, state=state))
    rollouts = evaluate(
        Executor(run),
        resolved.program,
        place_examples(examples),
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
