"""The first arms: every level of every factor about equally often, no pair of levels more often than needed."""

from collections.abc import Sequence
from itertools import combinations

import numpy as np

from tunesmith.optim.search.space import Arm, Space

_TRIES = 12
"""Balanced arms looked at for each place."""


def latin_design(space: Space, count: int, required: Sequence[Arm], rng: np.random.Generator) -> list[Arm]:
    """Up to `count` distinct arms, the baseline first, the required ones next, all of them even past `count`.

    Fewer where the space has fewer. Each further arm is composed of levels used least so far; of several such arms the
    one whose pairs of levels were met least is taken, so that few arms tell all main effects apart.
    """
    chosen = list(dict.fromkeys([space.baseline, *(space.check(arm) for arm in required)]))
    count = min(max(count, len(chosen)), space.size)
    uses = [np.zeros(levels, dtype=np.int64) for levels in space.levels]
    pairs: dict[tuple[int, int, int, int], int] = {}
    for arm in chosen:
        _count(arm, uses, pairs)
    while len(chosen) < count:
        taken = set(chosen)
        tries = [arm for arm in (_balanced(uses, rng) for _ in range(_TRIES)) if arm not in taken]
        arm = min(tries, key=lambda arm: _met(arm, pairs)) if tries else _any_other(space, taken, rng)
        chosen.append(arm)
        _count(arm, uses, pairs)
    return chosen


def _balanced(uses: Sequence[np.ndarray], rng: np.random.Generator) -> Arm:
    return tuple(int(rng.choice(np.flatnonzero(counts == counts.min()))) for counts in uses)


def _any_other(space: Space, taken: set[Arm], rng: np.random.Generator) -> Arm:
    """An arm not taken yet, of a space known to have one: the next in order from a random place."""
    start = int(rng.integers(space.size)) if space.size < 2**63 else 0
    for step in range(space.size):
        arm = tuple(int(level) for level in np.unravel_index((start + step) % space.size, space.levels))
        if arm not in taken:
            return arm
    raise ValueError("every arm of the space is taken")


def _count(arm: Arm, uses: Sequence[np.ndarray], pairs: dict[tuple[int, int, int, int], int]) -> None:
    for counts, level in zip(uses, arm, strict=True):
        counts[level] += 1
    for pair in _pairs(arm):
        pairs[pair] = pairs.get(pair, 0) + 1


def _met(arm: Arm, pairs: dict[tuple[int, int, int, int], int]) -> int:
    return sum(pairs.get(pair, 0) for pair in _pairs(arm))


def _pairs(arm: Arm) -> list[tuple[int, int, int, int]]:
    return [(a, arm[a], b, arm[b]) for a, b in combinations(range(len(arm)), 2)]
