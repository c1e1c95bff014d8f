"""Rows: what a student is trained on, one a predictor's turn."""

from typing import Literal

from msgspec import Struct

from tunesmith.optim.adapters import Message


class Row(Struct, frozen=True, kw_only=True):
    """One prompt as the student will see it, and what it should answer."""

    predictor: str
    """Its name in `named_predictors()`: the task."""
    example: int
    """Index in the training data."""
    source: str
    """Fingerprint of the example's inputs: rows of one input never lie on both sides of a split."""
    messages: list[Message]
    """The student's prompt, rendered by the adapter it will be called through."""
    target: str
    """The whole answer in the adapter's format."""
    purpose: Literal["answer", "rationale"] = "answer"
    """`rationale`: an extra task that teaches the reasoning and is never asked at run time."""
    score: float
    """What the metric gave the trace."""
    teacher: int = 0
    sample: int = 0
