"""What makes an instruction good: the effect of every feature of the instructions, with its uncertainty.

The surrogate's model with the effect of an instruction explained: effect[level] = features[level] · w + rest[level].
How much demo sets differ, and the examples' share of the variance, are taken from the search's posterior; how much
the rests differ is averaged over a grid by marginal likelihood. For reports and proposals: the search's own
prior knows no features, because no gain from them was seen.
"""

from collections.abc import Mapping, Sequence
from math import sqrt

import numpy as np
from msgspec import Struct

from tunesmith.optim.search.linear_gaussian import Prior, log_normal_grid, moments, probability_positive, solve_mixture
from tunesmith.optim.search.matrix import Floats, ScoreMatrix
from tunesmith.optim.search.policy import Search
from tunesmith.optim.search.posterior import Posterior, level_indicator
from tunesmith.optim.search.space import Space
from tunesmith.optim.search.surrogate import (
    EFFECT_CENTRE,
    EFFECT_SDS,
    EFFECT_SPREAD,
    MU_SD,
    find_delta_sd,
    scaled_scores,
)

FEATURE_SD = 0.16
"""Prior of a feature's effect, wide on purpose: a narrow one would pull real effects to 0 and hide them, and a report
should say what was seen."""
_Z = 1.96

FeatureTables = Mapping[int, Sequence[Sequence[float]]]
"""Place of an instruction factor → its levels × features."""


class FeatureEffect(Struct, frozen=True):
    """What a feature does to the score, from its least to its greatest value: for a yes-or-no feature, having it."""

    predictor: str
    name: str
    mean: float
    low: float
    high: float
    """95 % interval, in the metric's unit."""
    probability: float
    """That the effect is above 0."""
    levels: int
    """Instructions that have it: its value is not 0."""


def feature_effects(search: Search, tables: FeatureTables, names: Sequence[str]) -> list[FeatureEffect]:
    """Of every feature that differs between a predictor's instructions, most certain first.

    Empty before anything was measured. Raises `ValueError` where a table does not fit the space or the names.
    """
    if not search.matrix.measured():
        return []
    return FeatureModel(search.matrix, search.posterior(), tables, names).effects()


class FeatureModel:
    """The surrogate with features, fitted to what was measured.

    Raises `ValueError` where a table does not fit the space or the names.
    """

    def __init__(self, matrix: ScoreMatrix, posterior: Posterior, tables: FeatureTables, names: Sequence[str]) -> None:
        self._space = posterior.space
        self._names = list(names)
        self._tables = {place: _checked(self._space, place, table, self._names) for place, table in tables.items()}
        self._ranges = {place: np.ptp(table, axis=0) for place, table in self._tables.items()}
        self._columns = len(self._tables) * len(self._names)
        scores, scale, _ = scaled_scores(matrix, posterior.arms)
        self._unit = scale.unit
        explained = self._explained(level_indicator(self._space, posterior.arms))
        design = np.hstack([explained, np.eye(len(posterior.arms))])
        likeliest = posterior.likeliest
        self._components = solve_mixture(
            scores,
            design,
            self._priors(len(posterior.arms), likeliest.prior.spreads),
            variance=scale.variance,
            example_shares=[likeliest.example_share],
        )

    def effects(self) -> list[FeatureEffect]:
        """Of every feature that differs between a predictor's instructions, most certain first."""
        found = [
            self._effect(place, column)
            for place, table in self._tables.items()
            for column in range(len(self._names))
            if self._ranges[place][column] > 0
        ]
        return sorted(found, key=lambda effect: (-abs(effect.probability - 0.5), effect.predictor, effect.name))

    def _effect(self, place: int, column: int) -> FeatureEffect:
        contrast = self._contrast()
        contrast[0, self._slice(place).start + column] = 1
        mean, covariance = moments(self._components, contrast, np.zeros(1))
        centre, half = float(mean[0]) * self._unit, _Z * sqrt(float(covariance[0, 0])) * self._unit
        return FeatureEffect(
            self._space.factors[place].predictor,
            self._names[column],
            mean=centre,
            low=centre - half,
            high=centre + half,
            probability=probability_positive(self._components, contrast, np.zeros(1)),
            levels=int(np.count_nonzero(self._tables[place][:, column])),
        )

    def _explained(self, indicator: Floats) -> Floats:
        """Arms × (mu, levels end to end, features of every table end to end)."""
        parts = [np.ones((len(indicator), 1)), indicator]
        for place, table in self._tables.items():
            first, last = self._space.offsets[place : place + 2]
            # Centred, so that mu stays what an average arm scores.
            parts.append(indicator[:, first:last] @ self._in_ranges(place, table - table.mean(axis=0)))
        return np.hstack(parts)

    def _in_ranges(self, place: int, differences: Floats) -> Floats:
        """In units of each feature's range; features that do not differ say nothing."""
        ranges = self._ranges[place]
        return np.where(ranges > 0, differences / np.where(ranges > 0, ranges, 1), 0)

    def _priors(self, arms: int, searched: Mapping[str, float]) -> list[Prior]:
        priors = []
        for chosen, log_density in log_normal_grid(
            EFFECT_SDS, ["instruction"], centre=EFFECT_CENTRE, spread=EFFECT_SPREAD
        ):
            spreads = {**searched, **chosen}
            levels = [spreads[factor.kind] for factor in self._space.factors for _ in range(factor.levels)]
            delta_sd = find_delta_sd(searched)
            sds = np.array([MU_SD, *levels, *[FEATURE_SD] * self._columns, *[delta_sd] * arms])
            priors.append(Prior(sds, delta_sd, log_density, spreads))
        return priors

    def _contrast(self) -> Floats:
        return np.zeros((1, len(self._components[0].mean)))

    def _slice(self, place: int) -> slice:
        first = 1 + self._space.offsets[-1] + list(self._tables).index(place) * len(self._names)
        return slice(first, first + len(self._names))


def _checked(space: Space, place: int, table: Sequence[Sequence[float]], names: Sequence[str]) -> Floats:
    factor = space.factors[place]
    if factor.kind != "instruction":
        raise ValueError(f"{factor.name} has no instruction features")
    array = np.asarray(table, dtype=np.float64).reshape(len(table), -1)
    if array.shape != (factor.levels, len(names)):
        raise ValueError(f"features of {factor.name} must be {factor.levels} × {len(names)}, not {array.shape}")
    return array
