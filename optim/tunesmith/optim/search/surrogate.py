"""The surrogate: scores are additive in instructions and demo sets, nearly.

score(arm, example) = m0 + example + mu + Σ over factors effect of the arm's level + delta of the arm + noise

How much instructions and demo sets differ, and how much of a cell's variance is its example's, is averaged over a
small grid by marginal likelihood rather than set to the likeliest: after selection, a point estimate is overconfident.
"""

from collections.abc import Mapping, Sequence
from math import sqrt
from statistics import fmean

import numpy as np

from tunesmith.optim.search.linear_gaussian import Prior, log_normal_grid, solve_mixture
from tunesmith.optim.search.matrix import Floats, ScoreMatrix
from tunesmith.optim.search.posterior import Posterior, level_indicator
from tunesmith.optim.search.scaling import Scale, find_scale
from tunesmith.optim.search.space import Arm, Space

MU_SD = sqrt(0.02)
DELTA_SHARE = 0.35
"""Standard deviation of an arm's own delta, relative to the root mean square of the effect spreads."""
EFFECT_SDS = (0.01, 0.025, 0.07, 0.16)
"""The smallest one lets the surrogate see that nothing differs."""
EFFECT_CENTRE, EFFECT_SPREAD = 0.06, 1.2
"""Log-normal prior of an effect spread."""


def fit(space: Space, matrix: ScoreMatrix) -> Posterior:
    """The posterior given every known cell. Raises `ValueError` where there is none."""
    arms = matrix.measured()
    if not arms:
        raise ValueError("nothing has been measured yet")
    scores, scale, centre = scaled_scores(matrix, arms)
    design = np.hstack([np.ones((len(arms), 1)), level_indicator(space, arms), np.eye(len(arms))])
    components = solve_mixture(scores, design, _priors(space, len(arms)), variance=scale.variance)
    return Posterior(space, arms, components, scale, centre)


def scaled_scores(matrix: ScoreMatrix, arms: Sequence[Arm]) -> tuple[Floats, Scale, float]:
    """Arms × places on the surrogate's scale and centred; the scale; the centre that was taken off."""
    scores = matrix.scores(arms)
    scale = find_scale(scores)
    scaled = scale.apply(scores)
    centre = float(np.nanmean(scaled))
    return scaled - centre, scale, centre


def _priors(space: Space, arms: int) -> list[Prior]:
    kinds = sorted({factor.kind for factor in space.factors})
    priors = []
    for spreads, log_density in log_normal_grid(EFFECT_SDS, kinds, centre=EFFECT_CENTRE, spread=EFFECT_SPREAD):
        levels = [spreads[factor.kind] for factor in space.factors for _ in range(factor.levels)]
        delta_sd = find_delta_sd(spreads)
        priors.append(Prior(np.array([MU_SD, *levels, *[delta_sd] * arms]), delta_sd, log_density, spreads))
    return priors


def find_delta_sd(spreads: Mapping[str, float]) -> float:
    """How far an arm's own delta goes, given the spreads of the factors' effects."""
    return DELTA_SHARE * sqrt(fmean(spread**2 for spread in spreads.values()))
