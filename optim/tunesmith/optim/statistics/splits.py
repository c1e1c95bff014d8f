"""Splitting a data set in two, shuffled and with the same share of every label on both sides."""

import random
from collections.abc import Sequence
from typing import Any, TypeVar

from tunesmith.optim.dspy_types import Example
from tunesmith.optim.statistics.labels import label_field

E = TypeVar("E", bound=Example)


def split_examples(examples: Sequence[E], seed: int, fraction: float) -> tuple[list[E], list[E]]:
    """Split into (rest, held out), `fraction` of the examples (rounded, at least one of two) held out.

    Deterministic in `seed` and the order of `examples`. Raises `ValueError` where `fraction` is not inside 0 to 1.
    """
    if not 0 < fraction < 1:
        raise ValueError(f"fraction must lie strictly between 0 and 1, not {fraction}")
    draw = random.Random(seed)
    wanted = round(len(examples) * fraction)
    if len(examples) > 1:
        wanted = min(max(wanted, 1), len(examples) - 1)
    held_out = set(_stratified(_by_label(examples), wanted, draw))
    sides: tuple[list[E], list[E]] = ([], [])
    for place, example in enumerate(examples):
        sides[place in held_out].append(example)
    for side in sides:
        draw.shuffle(side)
    return sides


def _by_label(examples: Sequence[Example]) -> list[list[int]]:
    field = label_field(examples)
    if field is None:
        return [list(range(len(examples)))]
    groups: dict[Any, list[int]] = {}
    for place, example in enumerate(examples):
        groups.setdefault(example[field], []).append(place)
    return list(groups.values())


def _stratified(groups: list[list[int]], wanted: int, draw: random.Random) -> list[int]:
    """`wanted` places, from each group in proportion; what rounding leaves over goes to the largest remainders."""
    total = sum(map(len, groups)) or 1
    shares = [len(group) * wanted / total for group in groups]
    counts = [int(share) for share in shares]
    by_remainder = sorted(range(len(groups)), key=lambda i: (counts[i] - shares[i], i))
    for i in by_remainder[: wanted - sum(counts)]:
        counts[i] += 1
    return [place for group, count in zip(groups, counts, strict=True) for place in draw.sample(group, count)]
