"""Which examples a search learns from, and which it is judged by."""

from collections.abc import Sequence
from typing import Any

from tunesmith.optim.errors import NoExamples
from tunesmith.optim.prompt_search.budget import AUTO, AutoMode
from tunesmith.optim.rollouts import check_examples
from tunesmith.optim.statistics import split_examples

VALIDATION_SHARE = 0.8
"""Of the training data, where no validation data is given: dspy's share, but drawn with every label's."""
MOST_VALIDATION = 1000


def split_for_search(
    trainset: Sequence[Any], valset: Sequence[Any] | None, *, auto: AutoMode | None, seed: int
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
