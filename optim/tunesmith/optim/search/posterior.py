"""What the surrogate believes about arms, measured or not: moments, joint draws, effects of levels.

A belief is a mixture over hyperparameters. Within one component the parameters θ = (mu, effects of all levels of all
factors end to end, delta of every measured arm) are jointly Gaussian, and an arm's score is mu + Σ its levels' effects
+ its delta.
"""

from collections.abc import Sequence
from math import sqrt
from typing import NamedTuple

import numpy as np

from tunesmith.optim.search.linear_gaussian import Component, moments, probability_positive
from tunesmith.optim.search.matrix import Floats
from tunesmith.optim.search.scaling import Scale
from tunesmith.optim.search.space import Arm, Space


class LevelEffect(NamedTuple):
    """Posterior effect of a level relative to level 0 of its factor, in the metric's unit."""

    mean: float
    sd: float


class Draws(NamedTuple):
    """Joint draws of everything, scaled; one row a draw."""

    mu: Floats
    levels: Floats
    """Draws × all levels of all factors, end to end."""
    deltas: Floats
    """Draws × measured arms."""
    new_deltas: Floats
    """Draws: the delta of an arm not measured yet."""


class Posterior:
    """What is believed after fitting; its arms, measured or not, are of one space."""

    def __init__(
        self, space: Space, arms: Sequence[Arm], components: Sequence[Component], scale: Scale, centre: float
    ) -> None:
        self.space = space
        self.arms = list(arms)
        """The measured arms."""
        self._places = {arm: place for place, arm in enumerate(self.arms)}
        self._components = components
        self._mean: Floats = np.sum([c.weight * c.mean for c in components], axis=0)
        self._scale = scale
        self._centre = centre

    def joint(self, arms: Sequence[Arm]) -> tuple[Floats, Floats]:
        """Mean and covariance of the arms' scores, in the metric's unit and its square."""
        mean, covariance = moments(self._components, *self._design(arms))
        return self._in_unit(mean), covariance * self._scale.unit**2

    def means(self, arms: Sequence[Arm]) -> Floats:
        """Posterior means in the metric's unit."""
        return self._in_unit(self._design(arms)[0] @ self._mean)

    def probability_above(self, arm: Arm, other: Arm) -> float:
        """P(arm's score > other's); 0 for an arm and itself."""
        if arm == other:
            return 0.0
        design, new = self._design([arm, other])
        return probability_positive(self._components, design * [[1], [-1]], new)

    def effect(self, factor: int, level: int) -> LevelEffect:
        """Of a level relative to level 0 of its factor."""
        contrast = np.zeros((1, len(self._mean)))
        first = 1 + self.space.offsets[factor]
        contrast[0, first + level] += 1
        contrast[0, first] -= 1
        mean, covariance = moments(self._components, contrast, np.zeros(1))
        return LevelEffect(float(mean[0]) * self.unit, sqrt(covariance[0, 0]) * self.unit)

    def draw(self, rng: np.random.Generator, count: int) -> Draws:
        """`count` joint draws, each under hyperparameters of its own."""
        weights = np.array([c.weight for c in self._components])
        chosen = rng.choice(len(weights), size=count, p=weights / weights.sum())
        normal = rng.standard_normal((count, len(self._mean)))
        fresh = rng.standard_normal(count)
        theta = np.empty_like(normal)
        for which, c in enumerate(self._components):
            rows = chosen == which
            if rows.any():
                theta[rows] = c.mean + c.prior.sds * (normal[rows] @ c.root)
                fresh[rows] *= c.prior.delta_sd
        levels = self.space.offsets[-1]
        return Draws(theta[:, 0], theta[:, 1 : 1 + levels], theta[:, 1 + levels :], fresh)

    @property
    def likeliest(self) -> Component:
        """The hyperparameters that count most."""
        return max(self._components, key=lambda component: component.weight)

    def level_means(self) -> Floats:
        """Posterior mean effects of all levels end to end, scaled."""
        return self._mean[1 : 1 + self.space.offsets[-1]]

    def spread_of_means(self) -> float:
        """Standard deviation over the measured arms of their posterior means, scaled."""
        return float((self._design(self.arms)[0] @ self._mean).std())

    def measured_scores(self, draws: Draws) -> Floats:
        """Draws × measured arms, scaled."""
        indicator = level_indicator(self.space, self.arms)
        return draws.mu[:, None] + draws.levels @ indicator.T + draws.deltas

    def _design(self, arms: Sequence[Arm]) -> tuple[Floats, Floats]:
        """Arms × θ, and which arms are new: 1 where the delta is still the prior's."""
        deltas = np.zeros((len(arms), len(self.arms)))
        new = np.ones(len(arms))
        for row, arm in enumerate(arms):
            if arm in self._places:
                deltas[row, self._places[arm]] = 1
                new[row] = 0
        return np.hstack([np.ones((len(arms), 1)), level_indicator(self.space, arms), deltas]), new

    def _in_unit(self, scaled: Floats) -> Floats:
        return self._scale.offset + self._scale.unit * (self._centre + scaled)

    @property
    def unit(self) -> float:
        """One on the scaled axis, in the metric's unit."""
        return self._scale.unit


def level_indicator(space: Space, arms: Sequence[Arm]) -> Floats:
    """Arms × all levels end to end, 1 where the arm has the level."""
    indicator = np.zeros((len(arms), space.offsets[-1]))
    if arms:
        columns = np.array(arms) + np.array(space.offsets[:-1])
        indicator[np.arange(len(arms))[:, None], columns] = 1
    return indicator
