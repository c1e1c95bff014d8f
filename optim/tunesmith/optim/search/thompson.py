"""Which arms to measure next: top-two Thompson sampling (Russo 2016), in batches.

Two joint draws from the posterior each name their best arm. With probability one half the less measured of the two is
taken, else the first: measuring only what looks best would starve what it must be told apart from.
"""

import heapq
from collections.abc import Callable, Collection, Iterator, Sequence

import numpy as np

from tunesmith.optim.search.matrix import Floats
from tunesmith.optim.search.posterior import Draws, Posterior
from tunesmith.optim.search.space import Arm, Space


class Candidates:
    """Arms valued by joint draws: those measured, and the best of the others where new ones are allowed."""

    def __init__(
        self,
        posterior: Posterior,
        draws: Draws,
        *,
        level_costs: Floats,
        arm_costs: Floats,
        are_new_allowed: bool = True,
    ) -> None:
        """Costs are per level of all factors and per measured arm, on the scale of the draws; 0 where only the score
        counts."""
        self._posterior = posterior
        self._draws = draws
        self._level_values = draws.levels - level_costs
        self._measured_values = posterior.measured_scores(draws) - arm_costs
        self._measured = set(posterior.arms)
        self._are_new_allowed = are_new_allowed

    def best(self, draw: int, is_excluded: Callable[[Arm], bool]) -> Arm | None:
        """The best arm of one draw; None where every arm is excluded. Ties go to the earlier arm."""
        candidates = [
            (-float(value), arm)
            for value, arm in zip(self._measured_values[draw], self._posterior.arms, strict=True)
            if not is_excluded(arm)
        ]
        new = self._best_new(draw, is_excluded)
        return min([*candidates, *new])[1] if candidates or new else None

    def best_values(self) -> Floats:
        """Of every draw, the value of its best arm."""
        best = []
        for draw, measured in enumerate(self._measured_values):
            new = self._best_new(draw, lambda arm: False)
            best.append(max([float(measured.max()), *(-negated for negated, _ in new)]))
        return np.array(best)

    def _best_new(self, draw: int, is_excluded: Callable[[Arm], bool]) -> list[tuple[float, Arm]]:
        if not self._are_new_allowed:
            return []
        base = float(self._draws.mu[draw] + self._draws.new_deltas[draw])
        for value, arm in best_combinations(self._posterior.space, self._level_values[draw]):
            if arm not in self._measured and not is_excluded(arm):
                return [(-(base + value), arm)]
        return []


def pick_arms(
    candidates: Candidates,
    count: int,
    *,
    asked: Callable[[Arm], int],
    is_complete: Callable[[Arm], bool],
    taken: Collection[Arm],
    rng: np.random.Generator,
) -> list[Arm]:
    """Up to `count` distinct arms that can be measured further, none of `taken`; uses two draws an arm."""
    picked: list[Arm] = []

    def is_picked(arm: Arm) -> bool:
        return arm in taken or arm in picked

    for pick in range(count):
        pair = [candidates.best(2 * pick + which, is_picked) for which in (0, 1)]
        prefers_less_measured = bool(rng.random() < 0.5)
        open_arms = [arm for arm in pair if arm is not None and not is_complete(arm)]
        if not open_arms:
            # Both look best and are measured on everything: the best of what is left.
            arm = candidates.best(2 * pick, lambda arm: is_picked(arm) or is_complete(arm))
            if arm is None:
                break
            open_arms = [arm]
        picked.append(min(open_arms, key=asked) if prefers_less_measured else open_arms[0])
    return picked


def best_combinations(space: Space, level_values: Floats) -> Iterator[tuple[float, Arm]]:
    """Every arm with the sum of its levels' values, best first; lazily, for a space may be huge."""
    values = [level_values[first:last] for first, last in zip(space.offsets, space.offsets[1:], strict=False)]
    orders = [np.argsort(-of_factor, kind="stable") for of_factor in values]

    def entry(ranks: tuple[int, ...]) -> tuple[float, tuple[int, ...]]:
        return -sum(float(v[o[r]]) for v, o, r in zip(values, orders, ranks, strict=True)), ranks

    start = (0,) * len(values)
    heap = [entry(start)]
    seen = {start}
    while heap:
        negated, ranks = heapq.heappop(heap)
        yield -negated, tuple(int(order[rank]) for order, rank in zip(orders, ranks, strict=True))
        for further in _next_ranks(ranks, space.levels):
            if further not in seen:
                seen.add(further)
                heapq.heappush(heap, entry(further))


def _next_ranks(ranks: tuple[int, ...], levels: Sequence[int]) -> Iterator[tuple[int, ...]]:
    for factor, rank in enumerate(ranks):
        if rank + 1 < levels[factor]:
            yield (*ranks[:factor], rank + 1, *ranks[factor + 1 :])
