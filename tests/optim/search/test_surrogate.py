"""The closed form against plain conditioning of the joint Gaussian of all cells."""

from itertools import product

import numpy as np
import pytest

from tunesmith.optim.search import Arm, Cell
from tunesmith.optim.search.linear_gaussian import Prior, moments, probability_positive, solve_mixture
from tunesmith.optim.search.matrix import ScoreMatrix
from tunesmith.optim.search.posterior import level_indicator
from tunesmith.optim.search.surrogate import fit

from .searches import coin, space_of

SPACE = space_of(3, 2)
ARMS: list[Arm] = [(0, 0), (0, 1), (1, 0), (2, 1)]
VARIANCE = 0.2
SHARES = (0.3, 0.7)


def scores_on_prefixes() -> np.ndarray:
    """Arms × places, on prefixes of different lengths, with a hole."""
    rng = np.random.default_rng(5)
    scores = rng.normal(0, 0.5, (len(ARMS), 6))
    for row, length in enumerate((6, 4, 3, 2)):
        scores[row, length:] = np.nan
    scores[1, 1] = np.nan
    return scores


def prior(instruction: float, demos: float, delta: float) -> Prior:
    return Prior(np.array([0.14, *[instruction] * 3, *[demos] * 2, *[delta] * len(ARMS)]), delta, 0.0, {})


def design_of(arms: list[tuple[int, ...]]) -> np.ndarray:
    own = np.array([[float(arm == other) for other in ARMS] for arm in arms])
    return np.hstack([np.ones((len(arms), 1)), level_indicator(SPACE, arms), own])


def condition(scores: np.ndarray, prior: Prior, share: float, wanted: np.ndarray):
    """Mean and covariance of wanted · θ, and the log density of the scores, from the joint of θ, examples and cells."""
    rows, places = np.nonzero(~np.isnan(scores))
    values = scores[rows, places]
    by_cell = design_of(ARMS)[rows]
    theta = np.diag(prior.sds**2)
    same_example = (places[:, None] == places[None, :]).astype(float)
    cells = by_cell @ theta @ by_cell.T + VARIANCE * (share * same_example + (1 - share) * np.eye(len(values)))
    gain = wanted @ theta @ by_cell.T @ np.linalg.inv(cells)
    covariance = wanted @ theta @ wanted.T - gain @ by_cell @ theta @ wanted.T
    _, log_determinant = np.linalg.slogdet(2 * np.pi * cells)
    return gain @ values, covariance, -0.5 * (values @ np.linalg.solve(cells, values) + log_determinant)


@pytest.mark.parametrize("share", SHARES)
def test_one_component_is_the_exact_posterior(share: float) -> None:
    scores, wanted, new = scores_on_prefixes(), design_of([*ARMS, (1, 1)]), np.array([0, 0, 0, 0, 1.0])
    components = solve_mixture(
        scores, design_of(ARMS), [prior(0.1, 0.2, 0.05)], variance=VARIANCE, example_shares=[share]
    )
    mean, covariance, _ = condition(scores, prior(0.1, 0.2, 0.05), share, wanted)
    ours_mean, ours_covariance = moments(components, wanted, new)
    assert ours_mean == pytest.approx(mean, abs=1e-10)
    assert ours_covariance == pytest.approx(covariance + np.diag(new * 0.05**2), abs=1e-10)


def test_components_weigh_what_they_are_likely() -> None:
    scores, wanted = scores_on_prefixes(), design_of(ARMS)
    priors = [prior(0.1, 0.2, 0.05), prior(0.3, 0.1, 0.02)]
    components = solve_mixture(scores, design_of(ARMS), priors, variance=VARIANCE, example_shares=SHARES)
    dense = [(*condition(scores, p, share, wanted), share) for share, p in product(SHARES, priors)]
    weights = np.exp([log_density - max(d[2] for d in dense) for _, _, log_density, _ in dense])
    assert [c.weight for c in components] == pytest.approx(weights / weights.sum())
    assert [c.example_share for c in components] == [d[3] for d in dense]
    mean, _ = moments(components, wanted, np.zeros(len(ARMS)))
    assert mean == pytest.approx(sum(w * d[0] for w, d in zip(weights / weights.sum(), dense, strict=True)))


def test_probability_of_a_difference_counts_both_deltas() -> None:
    (component,) = solve_mixture(
        scores_on_prefixes(), design_of(ARMS), [prior(0.1, 0.2, 0.5)], variance=VARIANCE, example_shares=[0.3]
    )
    contrast = design_of([(1, 1), (0, 0)]) * [[1], [-1]]
    mean, covariance = moments([component], contrast, np.array([1.0, 0]))
    z = mean.sum() / covariance.sum() ** 0.5
    draws = np.random.default_rng(0).normal(size=200_000)
    assert probability_positive([component], contrast, np.array([1.0, 0])) == pytest.approx(
        np.mean(draws < z), abs=0.005
    )


def matrix_of(levels: tuple[int, int], examples: int, scale: float = 1.0, shift: float = 0.0) -> ScoreMatrix:
    matrix, toss = ScoreMatrix(examples), coin(3, lambda arm: 0.3 + 0.2 * arm[0] / levels[0])
    for arm, place in product(product(*map(range, levels)), range(examples)):
        if sum(arm) % 2 == 0:
            matrix.record(Cell(arm, place), shift + scale * (toss(Cell(arm, place)) + place % 3))
    return matrix


def test_draws_have_the_posterior_mean_and_covariance() -> None:
    posterior = fit(SPACE, matrix_of((3, 2), 20))
    draws = posterior.draw(np.random.default_rng(0), 40_000)
    sampled = posterior.measured_scores(draws) * posterior.unit
    means, covariance = posterior.joint(posterior.arms)
    spread = covariance.diagonal().max()
    assert sampled.mean(axis=0) - sampled.mean() == pytest.approx(means - means.mean(), abs=0.03 * spread**0.5)
    assert np.cov(sampled.T) == pytest.approx(covariance, abs=0.05 * spread)
    assert draws.new_deltas.std() > 0


def test_the_unit_of_a_graded_metric_does_not_matter() -> None:
    plain, changed = fit(SPACE, matrix_of((3, 2), 12)), fit(SPACE, matrix_of((3, 2), 12, scale=250, shift=-40))
    arms = list(product(range(3), range(2)))
    (means, covariance), (other_means, other_covariance) = plain.joint(arms), changed.joint(arms)
    assert other_means == pytest.approx(250 * means - 40)
    assert other_covariance == pytest.approx(250**2 * covariance)
    assert changed.probability_above((2, 0), (0, 0)) == pytest.approx(plain.probability_above((2, 0), (0, 0)))


def test_more_examples_pull_an_arm_to_its_own_mean() -> None:
    space = space_of(2)
    distances = []
    for examples in (4, 16, 64, 256):
        matrix = ScoreMatrix(examples)
        for place in range(examples):
            matrix.record(Cell((0,), place), float(place % 2))
            matrix.record(Cell((1,), place), float(place % 2 or place % 4 == 0))
        distances.append(abs(fit(space, matrix).means([(1,)])[0] - 0.75))
    assert distances == sorted(distances, reverse=True)
    assert distances[-1] < 0.02


def test_level_effects_are_relative_to_what_the_program_has() -> None:
    matrix, space = ScoreMatrix(60), space_of(3, 2)
    toss = coin(1, lambda arm: (0.3, 0.5, 0.8)[arm[0]])
    for arm, place in product(product(range(3), range(2)), range(60)):
        matrix.record(Cell(arm, place), toss(Cell(arm, place)))
    posterior = fit(space, matrix)
    effects = [posterior.effect(0, level) for level in range(3)]
    assert effects[0] == (0.0, 0.0)
    assert effects[2].mean == pytest.approx(0.5, abs=0.12)
    assert 0 < effects[1].mean < effects[2].mean
    assert posterior.probability_above((2, 0), (0, 0)) > 0.99 > 0.5 > posterior.probability_above((0, 0), (2, 0))
    assert posterior.probability_above((0, 0), (0, 0)) == 0.0


def test_nothing_measured_has_no_posterior() -> None:
    with pytest.raises(ValueError, match="nothing has been measured"):
        fit(SPACE, ScoreMatrix(3))
