"""What arms cost in tokens and seconds: an additive model of log cost, and the arms no other beats on every count."""

from collections.abc import Sequence

import numpy as np
from msgspec import Struct

from tunesmith.optim.search.matrix import Floats, ScoreMatrix
from tunesmith.optim.search.posterior import level_indicator
from tunesmith.optim.search.space import Arm, Space
from tunesmith.protocol import Objective

CELL_COSTS: dict[Objective, str] = {"tokens": "tokens", "latency": "seconds"}

_RIDGE = 0.1
"""Levels seen in one arm only keep part of their effect."""
_SMALLEST_SPREAD = 0.05
"""Costs that differ by less than about 5 % are not worth a choice."""


class LogCosts(Struct, frozen=True):
    """log cost = intercept + Σ over factors of the level's effect; a measured arm's own where known."""

    levels: Floats
    """Effects of all levels end to end."""
    arms: Floats
    """Log costs of the arms the model was fitted to, without the intercept."""
    spread: float
    """Standard deviation of log cost over arms, floored."""


def fit_log_costs(space: Space, matrix: ScoreMatrix, arms: Sequence[Arm], kind: str) -> LogCosts:
    """By least squares, with a ridge. All zeros where no cost is known. `kind` is "tokens" or "seconds"."""
    known = mean_costs(matrix, arms, kind)
    has_cost = np.isfinite(known) & (known > 0)
    levels: Floats = np.zeros(space.offsets[-1])
    if not has_cost.any():
        return LogCosts(levels, np.zeros(len(arms)), 1.0)
    logs = np.log(known[has_cost])
    intercept = float(logs.mean())
    indicator = level_indicator(space, arms)
    rows = indicator[has_cost]
    levels = np.linalg.solve(rows.T @ rows + _RIDGE * np.eye(len(levels)), rows.T @ (logs - intercept))
    of_arms = indicator @ levels
    of_arms[has_cost] = logs - intercept
    return LogCosts(levels, of_arms, max(float(of_arms.std()), _SMALLEST_SPREAD))


def mean_costs(matrix: ScoreMatrix, arms: Sequence[Arm], kind: str) -> Floats:
    """Per arm, a program call's mean cost; NaN where unknown."""
    cells = matrix.costs(kind, arms)
    counts = (~np.isnan(cells)).sum(axis=1)
    return np.where(counts > 0, np.nansum(cells, axis=1) / np.maximum(counts, 1), np.nan)


class FrontArm(Struct, frozen=True):
    """An arm no other measured arm beats on every objective."""

    arm: Arm
    score: float
    """Posterior mean."""
    tokens: float | None
    seconds: float | None


def find_front(
    matrix: ScoreMatrix, arms: Sequence[Arm], scores: Floats, objectives: Sequence[Objective]
) -> list[FrontArm]:
    """The arms that are not dominated, by falling score. An unknown cost counts as the worst."""
    costs = {kind: mean_costs(matrix, arms, kind) for kind in CELL_COSTS.values()}
    weighed = [costs[CELL_COSTS[objective]] for objective in objectives if objective != "score"]
    losses = np.stack([-scores, *(np.where(np.isnan(cost), np.inf, cost) for cost in weighed)], axis=1)
    front = [
        place
        for place, own in enumerate(losses)
        if not np.any(np.all(losses <= own, axis=1) & np.any(losses < own, axis=1))
    ]
    return [
        FrontArm(
            arms[place],
            score=float(scores[place]),
            **{kind: None if np.isnan(cost[place]) else float(cost[place]) for kind, cost in costs.items()},
        )
        for place in sorted(front, key=lambda place: (-scores[place], arms[place]))
    ]
