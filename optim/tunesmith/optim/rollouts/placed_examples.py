"""Examples with their places in a data set, which is how rollouts know them."""

from collections.abc import Sequence
from typing import Literal

from msgspec import Struct

from tunesmith.optim.dspy_types import Example
from tunesmith.optim.errors import InputsNotMarked, NotAnExample
from tunesmith.optim.rollouts.fingerprints import example_fingerprints

Split = Literal["train", "val"]
SPLIT_NAMES: dict[Split, str] = {"train": "the training data", "val": "the validation data"}


class PlacedExample(Struct, frozen=True, kw_only=True):
    """An example and its place in its data set."""

    example: Example
    index: int
    split: Split
    fingerprint: str
    """Of its fields; see `example_fingerprints`."""


def place_examples(
    examples: Sequence[Example], split: Split = "val", *, only: Sequence[int] | None = None
) -> list[PlacedExample]:
    """The examples of a data set with their places; `only`: those at these places, in this order.

    Raises `DataError` where one is no example, or has no inputs marked.
    """
    check_examples(examples, SPLIT_NAMES[split])
    fingerprints = example_fingerprints(examples)
    return [
        PlacedExample(example=examples[index], index=index, split=split, fingerprint=fingerprints[index])
        for index in (range(len(examples)) if only is None else only)
    ]


def check_examples(examples: Sequence[Example], name: str) -> None:
    """Raises `DataError` where an example is none, or has no inputs marked. `name`: of the data, for people."""
    import dspy

    for index, example in enumerate(examples):
        if not isinstance(example, dspy.Example):
            raise NotAnExample(name, index, type(example).__name__)
        if getattr(example, "_input_keys", None) is None:
            raise InputsNotMarked(name, index, list(example.keys()))
