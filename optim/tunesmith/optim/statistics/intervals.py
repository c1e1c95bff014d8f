"""The mean of a metric over examples, with its 95 % interval."""

import math
from collections.abc import Sequence
from statistics import NormalDist, fmean, stdev

from tunesmith.optim.statistics.student_t import t_quantile
from tunesmith.protocol import Score

_Z = NormalDist().inv_cdf(0.975)


def mean_score(values: Sequence[float]) -> Score:
    """The mean of `values` and its 95 % interval.

    Values that are all 0 or 1 get Wilson's score interval (Wilson 1927), which stays honest at small n and at 0 or
    100 %; others get Student's t interval, held inside 0 to 1 where every value lies there. A single graded value
    says nothing of its spread: its interval is all of 0 to 1, or, on another scale, the value alone.

    Raises `ValueError` for no values: a score over nothing is missing, not zero.
    """
    if not values:
        raise ValueError("a score needs at least one value")
    if all(value in (0, 1) for value in values):
        return _wilson(sum(values), len(values))
    return _student(values)


def _wilson(successes: float, n: int) -> Score:
    share = successes / n
    centre = (share + _Z**2 / (2 * n)) / (1 + _Z**2 / n)
    half = _Z / (1 + _Z**2 / n) * math.sqrt(share * (1 - share) / n + _Z**2 / (4 * n * n))
    # Rounding must not push the bounds past what they bound.
    return Score(score=share, low=max(0.0, min(share, centre - half)), high=min(1.0, max(share, centre + half)), n=n)


def _student(values: Sequence[float]) -> Score:
    mean, n = fmean(values), len(values)
    is_share = all(0 <= value <= 1 for value in values)
    if n == 1:
        return Score(score=mean, low=0.0 if is_share else mean, high=1.0 if is_share else mean, n=n)
    half = t_quantile(0.975, n - 1) * stdev(values) / math.sqrt(n)
    low, high = mean - half, mean + half
    if is_share:
        low, high = max(0.0, low), min(1.0, high)
    return Score(score=mean, low=low, high=high, n=n)
