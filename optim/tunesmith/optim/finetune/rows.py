"""Rows: what a student is trained on, one a predictor's turn; on disk, JSON Lines."""

from collections.abc import Iterable
from pathlib import Path
from typing import Literal

import msgspec
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


def write_rows(path: Path, rows: Iterable[Row]) -> None:
    """One JSON object a line, in place of what lay there. Cut off in the middle, it leaves that untouched.

    Raises `OSError` where the folder cannot be written.
    """
    scratch = path.with_name(f".{path.name}")
    with scratch.open("wb") as file:
        for row in rows:
            file.write(msgspec.json.encode(row) + b"\n")
    scratch.replace(path)


def read_rows(path: Path) -> list[Row]:
    """Raises `OSError` where there is no such file, `msgspec.DecodeError` where it holds something else."""
    decoder = msgspec.json.Decoder(Row)
    with path.open("rb") as file:
        return [decoder.decode(line) for line in file]
