"""Is the gain real? Two programs compared on the same examples.

Comparing example by example removes how hard each example is, which is most of the noise. To the differences one
win and one loss of the size of the observed scale are added, as a prior worth two examples: few examples, or
differences that are all alike, then never give certainty.
"""

import math
from collections.abc import Sequence
from statistics import fmean, stdev

from tunesmith.optim.statistics.student_t import t_cdf, t_quantile
from tunesmith.protocol import Gain, Verdict

CONFIRMED = 0.95
LIKELY = 0.7


def paired_gain(before: Sequence[float], after: Sequence[float]) -> Gain:
    """Gain of `after` over `before`, two scores of the same example at each place.

    The probability is the one-sided paired t's. Where no example differs it is one half: nothing was learnt.
    Raises `ValueError` where the lengths differ or nothing is given.
    """
    if len(before) != len(after):
        raise ValueError(f"paired scores must have one length, not {len(before)} and {len(after)}")
    if not before:
        raise ValueError("a gain needs at least one pair")
    differences = [float(b) - float(a) for a, b in zip(before, after, strict=True)]
    if not any(differences):
        return Gain(mean=0.0, low=0.0, high=0.0, probability=0.5, verdict="no gain")
    scale = max(*before, *after) - min(*before, *after)
    observed = [*differences, scale, -scale]
    n = len(observed)
    centre, error = fmean(observed), stdev(observed) / math.sqrt(n)
    half = t_quantile(0.975, n - 1) * error
    low, high = centre - half, centre + half
    probability = t_cdf(centre / error, n - 1)
    return Gain(
        mean=fmean(differences), low=low, high=high, probability=probability, verdict=verdict_of(probability, low)
    )


def verdict_of(probability: float, low: float) -> Verdict:
    """`probability` that the gain is above zero, and the lower end of its 95 % interval."""
    if probability >= CONFIRMED and low > 0:
        return "confirmed"
    return "likely" if probability >= LIKELY else "no gain"
