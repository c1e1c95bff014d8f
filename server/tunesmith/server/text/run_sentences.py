"""What a run does, how it stands, and how it ended, in the words its user is shown."""

from typing import Literal

from tunesmith.protocol import OPTIMIZERS, RunSummary, UserError
from tunesmith.server.text.estimates import describe_estimate
from tunesmith.server.text.scores import CHOSE_ON_THESE, describe_outcome, describe_score

MessageLevel = Literal["error", "warning", "info"]
"""How a sentence is shown: `error` and `warning` want the user to act."""

SEARCHING_OPTIMIZERS = [optimizer.name for optimizer in OPTIMIZERS.values() if optimizer.searches]


def describe_work(optimizer: str | None, target: str, *, estimates: bool = False) -> str:
    """The title of a progress bar."""
    if estimates:
        return f"Estimating what tuning {target} costs"
    return f"{'Evaluating' if optimizer == 'evaluate' else 'Tuning'} {target}"


def describe_end(run: RunSummary) -> tuple[MessageLevel, str] | None:
    """What its user is told of a run that needs them. None where it needs nobody: it goes on, or they stopped it."""
    if run.status == "failed":
        reason = str(run.error) if run.error is not None else "it failed without saying why."
        return "error", f"{run.target}: {reason}"
    if run.status == "needs credentials":
        resume = f"`tunesmith runs resume {run.run_id}`"
        return (
            "warning",
            f"{run.target}: the run waits for its client's keys. Resume it here, or with {resume}.",
        )
    report = run.report
    if run.status != "finished" or report is None:
        return None
    if report.estimate is not None:
        return "info", f"{run.target}: {describe_estimate(report.estimate)}"
    if report.gain is None:
        score = report.tuned or report.baseline
        return ("info", f"{run.target}: {describe_score(score)}") if score is not None else None
    outcome = f"{run.target}: {describe_outcome(report)}."
    if report.searched:
        outcome += f" {CHOSE_ON_THESE}"
    if report.artifact is None:
        return "info", f"{outcome} The program stays as it is."
    return "info", f"{outcome} A code action at the program applies it."


def describe_state(run: RunSummary) -> tuple[MessageLevel, str]:
    """Of a run that has not ended, or ended without news."""
    return "info", f"{run.target}: {run.status}{f', {run.progress}' if run.progress else ''}"


def explain_missing_result(run: RunSummary) -> UserError:
    """Of a run that rests without a report: its own error, else how to go on with it."""
    if run.error is not None:
        return run.error
    how = ", typed in a shell that has the keys," if run.status == "needs credentials" else ""
    return UserError(
        message=f"Run {run.run_id} is {run.status} and has no result.",
        next_step=f"`tunesmith runs resume {run.run_id}`{how} goes on with it.",
    )


def explain_missing_estimate(run: RunSummary) -> UserError:
    """Of an estimate that came to nothing."""
    return run.error or UserError(message=f"The estimate was {run.status}.")


def describe_missing_search(run: RunSummary) -> str:
    """Why there is nothing to show of a run's search."""
    if run.optimizer not in SEARCHING_OPTIMIZERS:
        return (
            f"Run {run.run_id} has no search: {run.optimizer} compares no instructions. "
            f"`tunesmith optimize {run.target} --optimizer {SEARCHING_OPTIMIZERS[0]}` does."
        )
    return f"The search of run {run.run_id} has closed no batch yet ({run.status})."
