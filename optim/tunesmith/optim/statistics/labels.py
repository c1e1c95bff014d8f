"""The field of a data set that says which class an example belongs to."""

from collections.abc import Sequence

from tunesmith.optim.dspy_types import Example

EXAMPLES_PER_LABEL = 3
"""A field is a label only if its values repeat this often on average; free text rarely does."""


def label_field(examples: Sequence[Example]) -> str | None:
    """The non-input field with few distinct values, or None.

    `examples` are `dspy.Example`s with their inputs marked. Where several fields qualify, the one with the fewest
    distinct values wins, then the first. Every example must have the field, as text, a whole number or a bool.
    """
    if not examples:
        return None
    inputs = set(examples[0].inputs().keys())
    best: tuple[int, str] | None = None
    for field in examples[0].keys():  # noqa: SIM118 (an Example iterates over internal fields too)
        if field in inputs:
            continue
        values = [example.get(field) for example in examples]
        if not all(isinstance(value, str | int | bool) for value in values):
            continue
        distinct = len(set(values))
        if 2 <= distinct <= len(examples) / EXAMPLES_PER_LABEL and (best is None or distinct < best[0]):
            best = (distinct, field)
    return best[1] if best else None
