"""An additive Gaussian model of the score matrix, solved in closed form.

score(arm, example) = m0 + example + mu + Σ over factors effect of the arm's level + delta of the arm + noise

Example effects are integrated out: with n arms measured on an example, its scores have covariance σ²I + τ²11ᵀ, whose
inverse is (I − τ²/(σ² + nτ²) 11ᵀ)/σ². Summed over examples this gives the precision of the arms' scores, so the work
grows with arms and levels, never with cells. Hyperparameters (spread of instruction and of demo effects, share of a
cell's variance that is the example's) are averaged over a small grid by marginal likelihood.
"""

from collections.abc import Sequence
from itertools import product
from math import exp, log, sqrt
from statistics import fmean
from typing import NamedTuple

import numpy as np

from tunesmith.optim.search.matrix import Floats, ScoreMatrix
from tunesmith.optim.search.posterior import Component, Posterior, level_indicator
from tunesmith.optim.search.scaling import find_scale
from tunesmith.optim.search.space import Space

MU_VARIANCE = 0.02
DELTA_SHARE = 0.35
"""Standard deviation of an arm's own delta, relative to the root mean square of the two effect spreads."""
EFFECT_SDS = (0.025, 0.07, 0.16)
EXAMPLE_SHARES = (0.3, 0.55)
_EFFECT_CENTRE, _EFFECT_SPREAD = 0.06, 1.2
"""Log-normal prior of an effect spread; the grid is even in the logarithm, so densities are of the logarithm."""
_NEGLIGIBLE = 1e-3


class Evidence(NamedTuple):
    """What the cells say about the arms' scores for one share of the examples: precision, and precision · score."""

    precision: Floats
    weighted: Floats
    log_likelihood: float
    """Of the scores where every arm's deviation is 0."""


def fit(space: Space, matrix: ScoreMatrix) -> Posterior:
    """The posterior given every known cell. Raises `ValueError` where there is none."""
    arms = matrix.measured()
    if not arms:
        raise ValueError("nothing has been measured yet")
    scores = matrix.scores(arms)
    scale = find_scale(scores)
    scaled = scale.apply(scores)
    centre = float(np.nanmean(scaled))
    design = np.hstack([np.ones((len(arms), 1)), level_indicator(space, arms), np.eye(len(arms))])
    priors = [_prior(space, len(arms), spreads) for spreads in _effect_spreads(space)]
    solved: list[_Solved] = []
    for share in EXAMPLE_SHARES:
        evidence = find_evidence(scaled - centre, variance=scale.variance, example_share=share)
        solved += _solve(design, evidence, priors)
    return Posterior(space, arms, _components(solved), scale, centre)


def find_evidence(scores: Floats, *, variance: float, example_share: float) -> Evidence:
    """From centred scores arms × places, NaN where unknown."""
    known = ~np.isnan(scores)
    values = np.where(known, scores, 0.0)
    mask = known.astype(np.float64)
    noise, example = (1 - example_share) * variance, example_share * variance
    arms_measured = mask.sum(axis=0)
    pull = example / (noise + arms_measured * example)
    totals = values.sum(axis=0)
    precision = (np.diag(mask.sum(axis=1)) - (mask * pull) @ mask.T) / noise
    weighted = (values.sum(axis=1) - mask @ (pull * totals)) / noise
    squares = (np.sum(values**2) - np.sum(pull * totals**2)) / noise
    log_determinant = mask.sum() * log(2 * np.pi * noise) + np.sum(np.log1p(arms_measured * example / noise))
    return Evidence(precision, weighted, float(-0.5 * (squares + log_determinant)))


class _Prior(NamedTuple):
    sds: Floats
    """Of every parameter: mu, levels end to end, deltas."""
    delta_sd: float
    log_density: float


class _Solved(NamedTuple):
    log_weight: float
    prior: _Prior
    mean: Floats
    factor: Floats
    """Cholesky factor of the posterior precision, in units of the prior."""


def _solve(design: Floats, evidence: Evidence, priors: Sequence[_Prior]) -> list[_Solved]:
    precision = design.T @ evidence.precision @ design
    sds = np.array([prior.sds for prior in priors])
    weighted = sds * (design.T @ evidence.weighted)
    scaled = np.eye(design.shape[1]) + sds[:, :, None] * precision * sds[:, None, :]
    factors = np.linalg.cholesky(scaled)
    solutions = np.linalg.solve(scaled, weighted[:, :, None])[:, :, 0]
    log_determinants = 2 * np.log(np.diagonal(factors, axis1=1, axis2=2)).sum(axis=1)
    likelihoods = evidence.log_likelihood + 0.5 * (np.sum(weighted * solutions, axis=1) - log_determinants)
    return [
        _Solved(float(likelihood) + prior.log_density, prior, prior.sds * solution, factor)
        for likelihood, prior, solution, factor in zip(likelihoods, priors, solutions, factors, strict=True)
    ]


def _effect_spreads(space: Space) -> list[dict[str, float]]:
    """Every combination of effect spreads of the kinds of factors there are."""
    kinds = sorted({factor.kind for factor in space.factors})
    return [dict(zip(kinds, spreads, strict=True)) for spreads in product(EFFECT_SDS, repeat=len(kinds))]


def _prior(space: Space, arms: int, spreads: dict[str, float]) -> _Prior:
    levels = [spreads[factor.kind] for factor in space.factors for _ in range(factor.levels)]
    delta_sd = DELTA_SHARE * sqrt(fmean(spread**2 for spread in spreads.values()))
    log_density = sum(-0.5 * (log(spread / _EFFECT_CENTRE) / _EFFECT_SPREAD) ** 2 for spread in spreads.values())
    return _Prior(np.array([sqrt(MU_VARIANCE), *levels, *[delta_sd] * arms]), delta_sd, log_density)


def _components(solved: Sequence[_Solved]) -> list[Component]:
    """With normalised weights, without those that hardly count."""
    largest = max(s.log_weight for s in solved)
    kept = [(exp(s.log_weight - largest), s) for s in solved if s.log_weight - largest > log(_NEGLIGIBLE)]
    total = sum(weight for weight, _ in kept)
    return [
        Component(weight / total, s.prior.sds, s.mean, np.linalg.inv(s.factor), s.prior.delta_sd) for weight, s in kept
    ]
