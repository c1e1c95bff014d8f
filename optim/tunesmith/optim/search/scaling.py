"""A metric's values on the scale the surrogate's priors are stated on, where a cell's standard deviation is about ½."""

import numpy as np
from msgspec import Struct

from tunesmith.optim.search.matrix import Floats

VARIANCE_FLOOR = 0.03
GRADED_VARIANCE = 0.2
_TINY = 1e-150


class Scale(Struct, frozen=True):
    """value = offset + unit · scaled value."""

    offset: float
    unit: float
    variance: float
    """Of a cell within its arm, scaled."""

    def apply(self, values: Floats) -> Floats:
        """Values of the metric, scaled."""
        return (values - self.offset) / self.unit


def find_scale(scores: Floats) -> Scale:
    """The scale of a matrix arms × places, NaN where unknown, at least one known.

    Two distinct values are a binary metric: scaled to 0 and 1, variance p(1 − p), floored because a share of 0 or 1
    seen so far is no certainty. More are graded: scaled so that the pooled variance within arms is about that of a
    balanced binary metric, which makes the search indifferent to a metric's unit. A single value says nothing of the
    spread.
    """
    known = scores[~np.isnan(scores)]
    low, high = float(known.min()), float(known.max())
    spread = high - low
    if spread < _TINY:
        return Scale(offset=low, unit=max(1.0, abs(low)), variance=VARIANCE_FLOOR)
    shares = (known - low) / spread
    if bool(np.all((known == low) | (known == high))):
        share = float(shares.mean())
        return Scale(offset=low, unit=spread, variance=max(VARIANCE_FLOOR, share * (1 - share)))
    # Arms that hardly vary within themselves must not make every difference between arms look infinite.
    deviation = max(_deviation_within((scores - low) / spread), float(shares.std()) / 20)
    return Scale(offset=low, unit=spread * deviation / GRADED_VARIANCE**0.5, variance=GRADED_VARIANCE)


def _deviation_within(scores: Floats) -> float:
    """Pooled standard deviation within the rows; 0 where no row has two scores."""
    counts = (~np.isnan(scores)).sum(axis=1)
    rows = scores[counts > 1]
    if not len(rows):
        return 0.0
    squares = np.nansum((rows - np.nanmean(rows, axis=1, keepdims=True)) ** 2)
    return float(np.sqrt(squares / (counts[counts > 1] - 1).sum()))
