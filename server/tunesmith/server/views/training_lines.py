"""How a training goes, in the few words a line has room for."""

from tunesmith.protocol import DevScored, TrainingStarted, TrainingStep
from tunesmith.server.views.numbers import describe_bytes, describe_count, describe_seconds


def start_line(event: TrainingStarted) -> str:
    """`training sort on cpu: 180 rows (2 left out: 2 too long), 67 steps, 4.9 M of 134.5 M parameters; packed …`."""
    left_out = sum(event.refused.values())
    reasons = ", ".join(f"{count} {reason}" for reason, count in event.refused.items())
    rows = f"{event.rows:,} rows{f' ({left_out:,} left out: {reasons})' if left_out else ''}"
    steps = f"{event.steps:,} steps{f', resumed at step {event.resumed_at:,}' if event.resumed_at else ''}"
    weights = f"{describe_count(event.trainable)} of {describe_count(event.parameters)} parameters"
    return f"training {event.student} on {event.device}: {rows}, {steps}, {weights}; {event.layout}"


def step_line(event: TrainingStep) -> str:
    return f"training {event.student} {event.step}/{event.steps}  {describe_step(event)}"


def describe_step(event: TrainingStep) -> str:
    """`loss 0.412, 1,240 tokens/s, 1.2 GB, 3 min 12 s left`."""
    speed, memory = f"{event.tokens_per_second:,.0f} tokens/s", describe_bytes(event.peak_bytes)
    return f"loss {event.loss:.3f}, {speed}, {memory}, {describe_seconds(event.eta_seconds)} left"


def dev_line(event: DevScored) -> str:
    return f"{event.student} at step {event.step}: {describe_dev(event)}"


def describe_dev(event: DevScored) -> str:
    """`dev loss 0.310, 83 % word for word, the best so far`."""
    best = ", the best so far" if event.best else ""
    return f"dev loss {event.loss:.3f}, {100 * event.exact:.0f} % word for word{best}"
