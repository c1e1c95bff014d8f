"""The examples of a search: which it learns from, which it is judged by, and in which order candidates meet those."""

import random
from collections.abc import Sequence
from typing import Any

from msgspec import Struct

from tunesmith.optim.dspy_types import Example, Program
from tunesmith.optim.errors import NoExamples
from tunesmith.optim.prompt_search.call_budget import AUTO
from tunesmith.optim.rollouts import Metric, PlacedExample, check_examples, place_examples
from tunesmith.optim.statistics import label_field, split_examples
from tunesmith.protocol import AutoMode

VALIDATION_SHARE = 0.8
"""Of the training data, where no validation data is given: dspy's share, but drawn with every label's."""
MOST_VALIDATION = 1000


class SearchProblem(Struct, frozen=True, kw_only=True):
    """What a search is about: a program, and what it is judged by."""

    student: Program
    """The `Program` as it came."""
    valset: Sequence[Any]
    """`Example`s every candidate is scored on, or on a part of them."""
    metric: Metric
    seed: int
    """Of everything that is drawn: the order of the examples, the search's own draws."""

    def ordered_examples(self) -> list[PlacedExample]:
        """The validation examples in the one order in which every candidate meets them."""
        return place_examples(self.valset, "val", only=search_order(self.valset, self.seed))


def split_for_search(
    trainset: Sequence[Example], valset: Sequence[Example] | None, *, auto: AutoMode | None, seed: int
) -> tuple[list[Any], list[Any]]:
    """Training and validation examples, the latter at most as many as the mode uses. Without a `valset` most of the
    training data is held out, with every label's share.

    Raises `ValueError` where there is too little of either, or an example has no inputs marked.
    """
    if not trainset:
        raise NoExamples("trainset")
    if valset is not None and not valset:
        raise NoExamples("valset")
    check_examples(trainset, "trainset")
    check_examples(valset or [], "valset")
    train, val = list(trainset), list(valset or [])
    if valset is None:
        if len(train) < 2:
            raise ValueError("One example cannot both teach and test: pass more, or a valset.")
        train, val = split_examples(train, seed, min(VALIDATION_SHARE, MOST_VALIDATION / len(train)))
    most = AUTO[auto].val if auto is not None else len(val)
    if len(val) > most:
        _, val = split_examples(val, seed, most / len(val))
    return train, val


def search_order(examples: Sequence[Example], seed: int) -> list[int]:
    """Indices of `examples`, shuffled so that every beginning holds the labels in about the same shares.

    Candidates are compared on beginnings of this order, so one that is short should already look like the whole.
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
