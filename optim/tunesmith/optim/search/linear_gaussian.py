"""A linear Gaussian model of paired scores, solved in closed form for a grid of priors.

score(arm, example) = design[arm] · θ + example + noise, θ and the example effects Gaussian around 0

Example effects are integrated out: with n arms measured on an example, its scores have covariance σ²I + τ²11ᵀ, whose
inverse is (I − τ²/(σ² + nτ²) 11ᵀ)/σ². Summed over examples this gives the precision of the arms' scores, so the work
grows with arms and parameters, never with cells.
"""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from functools import cache
from itertools import product
from math import erf, exp, log, sqrt
from typing import Any, NamedTuple

import numpy as np

from tunesmith.optim.search.matrix import Floats

EXAMPLE_SHARES = (0.3, 0.55, 0.8)
"""Shares of a cell's variance that may be the example's."""
_NEGLIGIBLE = 1e-3
"""Components this much less likely than the likeliest are left out."""


class Prior(NamedTuple):
    """Of the parameters, each Gaussian around 0."""

    sds: Floats
    """Of every parameter."""
    delta_sd: float
    """Of the deviation of an arm not measured yet from what its parameters say."""
    log_density: float
    spreads: Mapping[str, float]
    """The hyperparameters it was made of, by name."""


class Component(NamedTuple):
    """A Gaussian belief about θ: mean + prior sds ∘ L⁻ᵀz, z standard normal; and how much it counts."""

    weight: float
    prior: Prior
    mean: Floats
    root: Floats
    """L⁻¹, lower triangular."""
    example_share: float


class Evidence(NamedTuple):
    """What the cells say about the arms' scores: precision, precision · score, and the log likelihood of scores 0."""

    precision: Floats
    weighted: Floats
    log_likelihood: float
    example_share: float


def solve_mixture(
    scores: Floats,
    design: Floats,
    priors: Sequence[Prior],
    *,
    variance: float,
    example_shares: Sequence[float] = EXAMPLE_SHARES,
) -> list[Component]:
    """The posterior averaged over priors and example shares by marginal likelihood; weights sum to one.

    `scores` is arms × places, centred, NaN where unknown; `design` arms × parameters; `variance` a cell's.
    """
    evidences = [find_evidence(scores, variance=variance, example_share=share) for share in example_shares]
    solved = [solution for evidence in evidences for solution in _solve(design, evidence, priors)]
    largest = max(s.log_weight for s in solved)
    kept = [(exp(s.log_weight - largest), s) for s in solved if s.log_weight - largest > log(_NEGLIGIBLE)]
    total = sum(weight for weight, _ in kept)
    return [_as_component(s, weight / total) for weight, s in kept]


def find_evidence(scores: Floats, *, variance: float, example_share: float) -> Evidence:
    """Of centred scores arms × places, NaN where unknown."""
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
    return Evidence(precision, weighted, float(-0.5 * (squares + log_determinant)), example_share)


def moments(components: Sequence[Component], design: Floats, new: Floats) -> tuple[Floats, Floats]:
    """Mean and covariance of design · θ, plus an independent delta for every row where `new` is 1."""
    parts = [(c.weight, *component_moments(c, design, new)) for c in components]
    mean = np.sum([weight * m for weight, m, _ in parts], axis=0)
    covariance = np.sum([weight * (cov + np.outer(m - mean, m - mean)) for weight, m, cov in parts], axis=0)
    return mean, covariance


def component_moments(component: Component, design: Floats, new: Floats) -> tuple[Floats, Floats]:
    """The same under one component."""
    spread = component.root @ (design * component.prior.sds).T
    return design @ component.mean, spread.T @ spread + np.diag(new * component.prior.delta_sd**2)


def probability_positive(components: Sequence[Component], contrast: Floats, new: Floats) -> float:
    """P(contrast · θ, plus the deltas of the rows of `new`, > 0); `contrast` is rows × parameters, summed over rows."""
    total = 0.0
    for component in components:
        means, covariance = component_moments(component, contrast, new)
        sd = sqrt(max(float(covariance.sum()), 1e-18))
        total += component.weight * 0.5 * (1 + erf(float(means.sum()) / sd / sqrt(2)))
    return total


def log_normal_grid(
    values: Sequence[float], names: Sequence[str], *, centre: float, spread: float
) -> list[tuple[dict[str, float], float]]:
    """Every combination of values for the names, with its log density; the grid is even in the logarithm."""
    return [
        (dict(zip(names, chosen, strict=True)), sum(-0.5 * (log(v / centre) / spread) ** 2 for v in chosen))
        for chosen in product(values, repeat=len(names))
    ]


def one_blas_thread() -> AbstractContextManager[Any]:
    """Inside, numpy's linear algebra uses the calling thread alone.

    A search solves many systems of a few hundred unknowns. Split over threads they are no faster on an idle machine,
    and on a busy one the threads wait for each other: fifty times as long, in one measurement on two cores.
    """
    limits: AbstractContextManager[Any] = _blas_controller().limit(limits=1, user_api="blas")
    return limits


@cache
def _blas_controller() -> Any:
    # Looks through the loaded libraries: once is enough, as numpy's is loaded by then.
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()


class _Solved(NamedTuple):
    log_weight: float
    prior: Prior
    example_share: float
    factor: Floats
    """Cholesky factor L of the posterior precision in units of the prior; a last row holds L⁻¹ · weighted evidence."""


def _solve(design: Floats, evidence: Evidence, priors: Sequence[Prior]) -> list[_Solved]:
    precision = design.T @ evidence.precision @ design
    sds = np.array([prior.sds for prior in priors])
    weighted = sds * (design.T @ evidence.weighted)
    squares = np.sum(weighted**2, axis=1)
    # Bordered by the evidence, one factorisation also gives L⁻¹ · evidence; the corner only has to be large enough.
    bordered = np.empty((len(priors), design.shape[1] + 1, design.shape[1] + 1))
    bordered[:, :-1, :-1] = np.eye(design.shape[1]) + sds[:, :, None] * precision * sds[:, None, :]
    bordered[:, -1, :-1] = bordered[:, :-1, -1] = weighted
    bordered[:, -1, -1] = 1 + squares
    factors = np.linalg.cholesky(bordered)
    log_determinants = 2 * np.log(np.diagonal(factors, axis1=1, axis2=2)[:, :-1]).sum(axis=1)
    likelihoods = evidence.log_likelihood + 0.5 * (np.sum(factors[:, -1, :-1] ** 2, axis=1) - log_determinants)
    return [
        _Solved(float(likelihood) + prior.log_density, prior, evidence.example_share, factor)
        for likelihood, prior, factor in zip(likelihoods, priors, factors, strict=True)
    ]


def _as_component(solved: _Solved, weight: float) -> Component:
    root = np.linalg.inv(solved.factor[:-1, :-1])
    mean = solved.prior.sds * (root.T @ solved.factor[-1, :-1])
    return Component(weight, solved.prior, mean, root, solved.example_share)
