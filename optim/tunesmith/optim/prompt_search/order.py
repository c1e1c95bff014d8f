"""The one order in which every arm meets the validation examples."""

import random
from collections.abc import Sequence
from typing import Any

from tunesmith.optim.statistics import label_field


def search_order(examples: Sequence[Any], seed: int) -> list[int]:
    """Indices of `examples`, shuffled so that every beginning holds the labels in about the same shares.

    Arms are compared on beginnings of this order, so one that is short should already look like the whole.
    """
    draw = random.Random(seed)
    label = label_field(examples)
    groups: dict[Any, list[int]] = {}
    for index, example in enumerate(examples):
        groups.setdefault(example[label] if label else None, []).append(index)
    placed: list[tuple[float, int]] = []
    for group in groups.values():
        draw.shuffle(group)
        start = draw.random()
        placed += [((rank + start) / len(group), index) for rank, index in enumerate(group)]
    return [index for _, index in sorted(placed)]
