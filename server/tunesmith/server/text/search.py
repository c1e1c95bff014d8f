"""What a search says of its leader, in the few words a line or a progress bar has room for."""

from tunesmith.protocol import BatchClosed

SEARCHING = "searching"
"""The phase of which batches say more than its progress does."""


BASELINE = "baseline"
"""The candidate that is the program as it came."""


def describe_batch(batch: BatchClosed) -> str:
    """`212/650 program calls, 18 candidates tried; leader errors 2: 71 % (P better than the baseline 0.93)`."""
    tried = f"{batch.tried} candidate{'' if batch.tried == 1 else 's'} tried"
    return f"{batch.rollouts}/{batch.ceiling} program calls, {tried}; leader {describe_leader(batch)}"


def describe_leader(batch: BatchClosed) -> str:
    mean = f"{batch.leader}: {describe_mean(batch.mean)}"
    if batch.leader == BASELINE:
        return mean
    return f"{mean} (P better than the baseline {describe_chance(batch.probability)})"


def describe_mean(mean: float) -> str:
    """In per cent where it can be a share: what a model believes may pass the ends of the scale by a little."""
    return f"{100 * min(max(mean, 0), 1):.0f} %" if -0.05 <= mean <= 1.05 else f"{mean:.2f}"


def describe_chance(probability: float) -> str:
    """Never rounded to certainty."""
    if probability > 0.99:
        return "> 0.99"
    return f"{probability:.2f}" if probability >= 0.01 else "< 0.01"
