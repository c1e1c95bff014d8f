"""How a training goes, in the few words a line has room for."""

from tunesmith.protocol import DevScored, TrainingStarted, TrainingStep
from tunesmith.server.text.quantities import describe_bytes, describe_count, describe_seconds


def describe_training_start(event: TrainingStarted) -> str:
    """`training sort on cpu: 180 rows (2 left out: 2 too long), 67 steps, 4.9 M of 134.5 M parameters; packed …`."""
    left_out = sum(event.refused.values())
    reasons = ", ".join(f"{count} {reason}" for reason, count in event.refused.items())
    rows = f"{event.rows:,} rows{f' ({left_out:,} left out: {reasons})' if left_out else ''}"
    steps = f"{event.steps:,} steps{f', resumed at step {event.resumed_at:,}' if event.resumed_at else ''}"
    weights = f"{describe_count(event.trainable)} of {describe_count(event.parameters)} parameters"
    return f"training {event.student} on {event.device}: {rows}, {steps}, {weights}; {event.layout}"


def describe_training_step(event: TrainingStep) -> str:
    """`training sort 12/67  loss 0.412, …`."""
    return f"training {event.student} {event.step}/{event.steps}  {describe_step_briefly(event)}"


def describe_step_briefly(event: TrainingStep) -> str:
    """`loss 0.412, 1,240 tokens/s, 1.2 GB, 3 min 12 s left`."""
    speed, memory = f"{event.tokens_per_second:,.0f} tokens/s", describe_bytes(event.peak_bytes)
    return f"loss {event.loss:.3f}, {speed}, {memory}, {describe_seconds(event.eta_seconds)} left"


def describe_dev_score(event: DevScored) -> str:
    """`sort at step 12: dev loss 0.310, …`."""
    return f"{event.student} at step {event.step}: {describe_dev_score_briefly(event)}"


def describe_dev_score_briefly(event: DevScored) -> str:
    """`dev loss 0.310, 83 % word for word, the best so far`."""
    best = ", the best so far" if event.best else ""
    return f"dev loss {event.loss:.3f}, {100 * event.exact:.0f} % word for word{best}"
