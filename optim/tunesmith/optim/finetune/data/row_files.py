"""Rows on disk: JSON Lines."""

from collections.abc import Iterable
from pathlib import Path

import msgspec

from tunesmith.optim.finetune.rows import Row


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
