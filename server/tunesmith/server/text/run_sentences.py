"""What a run does, how it stands, and how it ended, in the words its user is shown."""

from typing import Literal

from tunesmith.protocol import Estimate, FinetuneEstimate, RunSummary
from tunesmith.server.text.scores import describe_outcome, describe_score

Weight = Literal["error", "warning", "info"]
"""How loudly a sentence is said."""


def describe_work(optimizer: str | None, target: str, *, estimates: bool = False) -> str:
    """The title of a progress bar."""
    if estimates:
        return f"Estimating what tuning {target} costs"
    return f"{'Evaluating' if optimizer == 'evaluate' else 'Tuning'} {target}"


def describe_end(run: RunSummary) -> tuple[Weight, str] | None:
    """None where it needs nobody: it has not ended, or its user stopped it."""
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
        outcome += " Expect less on new examples: the search chose on these."
    if report.artifact is None:
        return "info", f"{outcome} The program stays as it is."
    return "info", f"{outcome} A code action at the program applies it."


def describe_estimate(estimate: Estimate) -> str:
    usd = estimate.usd
    price = "price unknown" if usd is None else "free of charge" if usd == 0 else f"${usd:.2f}"
    minutes = "" if estimate.seconds is None else f", about {max(1, round(estimate.seconds / 60))} min"
    return (
        f"{estimate.optimizer} would make at most {estimate.program_calls:,} program calls "
        f"and about {estimate.lm_calls:,} LM calls: {price}{minutes}.{describe_training(estimate.finetune)}"
    )


def describe_training(estimate: FinetuneEstimate | None) -> str:
    picked = next((one for one in estimate.strategies if one.name == estimate.picked), None) if estimate else None
    if estimate is None or picked is None:
        return ""
    minutes, memory = max(1, round(picked.train_seconds.mean / 60)), picked.memory_bytes / 1e9
    return f" Training {estimate.model} ({picked.name}) here: about {minutes} min and {memory:.1f} GB of memory."


def describe_state(run: RunSummary) -> tuple[Weight, str]:
    """Of a run that has not ended, or ended without news."""
    return "info", f"{run.target}: {run.status}{f', {run.progress}' if run.progress else ''}"
