"""What a search can say of its arms and levels at any moment."""

from msgspec import Struct

from tunesmith.optim.search.space import Arm


class Winner(Struct, frozen=True):
    """The measured arm with the highest posterior mean; the baseline before anything was measured."""

    arm: Arm
    mean: float | None
    """Posterior, in the metric's unit. After selection it is optimistic: never a gain to promise."""
    sd: float | None
    probability: float
    """That it is better than the baseline; 0 for the baseline itself."""
    n: int
    """Examples it was scored on."""
    baseline_scores: list[float]
    scores: list[float]
    """On the examples both were scored on, paired by place."""


class Estimate(Struct, frozen=True):
    """One measured arm."""

    arm: Arm
    n: int
    raw_mean: float
    mean: float
    sd: float
    probability: float


class Prediction(Struct, frozen=True):
    """One arm never tried."""

    arm: Arm
    mean: float
    sd: float
    probability: float


class Effect(Struct, frozen=True):
    """One level of one factor, relative to the factor's level 0, in the metric's unit."""

    factor: int
    level: int
    mean: float
    sd: float
    cells: int
    """Scores seen with the level."""
