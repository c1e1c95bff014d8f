"""Filling the places bootstrapped demos leave with labelled examples, as dspy does."""

import random
from collections.abc import Sequence
from typing import Any


def sample_labeled(predictor: Any, examples: Sequence[Any], count: int, draw: random.Random) -> list[Any]:
    """Up to `count` of the examples the predictor's prompt can show.

    An adapter shows an example that has at least one of the signature's inputs and one of its outputs; others would
    take a place and be dropped.
    """
    signature = predictor.signature
    shown = [
        example
        for example in examples
        if any(name in example for name in signature.input_fields)
        and any(name in example for name in signature.output_fields)
    ]
    return draw.sample(shown, max(0, min(count, len(shown))))
