"""What can be said of arms and levels at any moment, from the score matrix and the posterior."""

from itertools import islice

import numpy as np
from msgspec import Struct

from tunesmith.optim.search.matrix import ScoreMatrix
from tunesmith.optim.search.posterior import Posterior
from tunesmith.optim.search.space import Arm
from tunesmith.optim.search.thompson import best_combinations


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


class ArmBelief(Struct, frozen=True):
    """One measured arm; mean and sd are the posterior's, in the metric's unit."""

    arm: Arm
    n: int
    raw_mean: float
    """Of what was seen."""
    mean: float
    sd: float
    probability: float


class Prediction(Struct, frozen=True):
    """One arm never measured."""

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


LEAST_FOR_LEADING = 16
"""Examples an arm must be measured on before it leads one that is: with many arms there is always one whose first few
answers, and its levels elsewhere, promise more than was seen."""


def find_leader(posterior: Posterior, matrix: ScoreMatrix) -> Arm:
    """The measured arm with the highest posterior mean, of those measured well if there are any beside the baseline;
    ties go to the arm that sorts first, so to the baseline."""
    well = min(LEAST_FOR_LEADING, matrix.examples)
    known = [arm for arm in posterior.arms if len(matrix.known(arm)) >= well]
    arms = known if any(any(arm) for arm in known) else posterior.arms
    return min(zip(-posterior.means(arms), arms, strict=True))[1]


def describe_winner(matrix: ScoreMatrix, posterior: Posterior) -> Winner:
    """The leader, with what is believed of it and what was seen."""
    arm, baseline = find_leader(posterior, matrix), posterior.space.baseline
    mean, covariance = posterior.joint([arm])
    before, after = matrix.paired(baseline, arm)
    return Winner(
        arm=arm,
        mean=float(mean[0]),
        sd=float(covariance[0, 0] ** 0.5),
        probability=posterior.probability_above(arm, baseline),
        n=len(matrix.known(arm)),
        baseline_scores=before,
        scores=after,
    )


def describe_arms(matrix: ScoreMatrix, posterior: Posterior) -> list[ArmBelief]:
    """Every measured arm, highest posterior mean first."""
    return sorted(
        (
            ArmBelief(
                prediction.arm,
                n=len(known := matrix.known(prediction.arm)),
                raw_mean=float(np.mean(known)),
                mean=prediction.mean,
                sd=prediction.sd,
                probability=prediction.probability,
            )
            for prediction in _predict(posterior, posterior.arms)
        ),
        key=lambda belief: (-belief.mean, belief.arm),
    )


def predict_untried(posterior: Posterior, count: int) -> list[Prediction]:
    """The `count` combinations with the highest posterior mean among those never measured."""
    measured = set(posterior.arms)
    combinations = (arm for _, arm in best_combinations(posterior.space, posterior.level_means()))
    return _predict(posterior, list(islice((arm for arm in combinations if arm not in measured), count)))


def describe_effects(matrix: ScoreMatrix, posterior: Posterior) -> list[Effect]:
    """Every level of every factor, in order."""
    cells = {arm: len(matrix.known(arm)) for arm in posterior.arms}
    found = []
    for place, factor in enumerate(posterior.space.factors):
        for level in range(factor.levels):
            mean, sd = posterior.effect(place, level)
            seen = sum(count for arm, count in cells.items() if arm[place] == level)
            found.append(Effect(place, level, mean, sd, seen))
    return found


def _predict(posterior: Posterior, arms: list[Arm]) -> list[Prediction]:
    means, covariance = posterior.joint(arms)
    return [
        Prediction(
            arm,
            mean=float(means[place]),
            sd=float(covariance[place, place] ** 0.5),
            probability=posterior.probability_above(arm, posterior.space.baseline),
        )
        for place, arm in enumerate(arms)
    ]
