"""Scores with their uncertainty."""

from typing import Literal

from tunesmith.protocol.wire import Wire

Verdict = Literal["confirmed", "likely", "no gain"]
"""Confirmed: probability ≥ .95. Likely: ≥ .7. No gain: below; the baseline is kept."""


class Score(Wire, frozen=True, kw_only=True):
    """A mean metric value over `n` examples with its 95 % interval, in the metric's own unit (0 to 1 mostly)."""

    score: float
    low: float
    high: float
    n: int


class Gain(Wire, frozen=True, kw_only=True):
    """Tuned minus baseline on the same examples: paired mean, 95 % interval, probability that it is above 0."""

    mean: float
    low: float
    high: float
    probability: float
    verdict: Verdict
