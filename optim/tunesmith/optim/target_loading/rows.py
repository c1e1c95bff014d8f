"""Rows of a data file: JSON Lines, CSV, Parquet, or a named data set. Every row is a dict of its columns."""

import csv
import importlib
import importlib.util
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tunesmith.optim.errors import RunError

Row = dict[str, Any]
DATASETS_PREFIX = "datasets:"
LONGEST_CELL = 2**30


def read_rows(path: Path, *, shown: str) -> list[Row]:
    """All rows of a file, chosen by its suffix. `shown` is the path as the user wrote it.

    Raises `RunError` with the line where the file is not what its suffix says.
    """
    reader = READERS[path.suffix.lower()]
    try:
        return reader(path, shown)
    except FileNotFoundError:
        raise RunError(f"There is no file {shown}.", next_step=f"Create it, or correct the path ({path}).") from None
    except OSError as error:
        raise RunError(f"{shown} cannot be read: {error.strerror or error}.", next_step="Make it readable.") from None


def read_dataset(name: str, *, split: str) -> list[Row]:
    """A split of a Hugging Face data set, through the `datasets` package where it is installed."""
    try:
        load_dataset = importlib.import_module("datasets").load_dataset
    except (ModuleNotFoundError, AttributeError):
        raise _not_installed("datasets", f"{DATASETS_PREFIX}{name}") from None
    try:
        return [dict(row) for row in load_dataset(name, split=split)]
    except Exception as error:  # the library raises its own, network and value errors alike
        raise RunError(
            f"The data set {name!r} (split {split!r}) could not be loaded: {type(error).__name__}: {error}",
            next_step=f"Check the name and split: `{DATASETS_PREFIX}NAME:SPLIT`.",
        ) from error


def _json_lines(path: Path, shown: str) -> list[Row]:
    rows = []
    for number, line in _decoded_lines(path, shown):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError as error:
            raise RunError(
                f"This line is not JSON: {error}.", where=f"{shown}:{number}", next_step="Write one object a line."
            ) from None
        if not isinstance(row, dict):
            raise RunError(
                f"This line holds a JSON {type(row).__name__}, not an object.",
                where=f"{shown}:{number}",
                next_step='Write one object a line, such as {"question": "…", "answer": "…"}.',
            )
        rows.append(row)
    return rows


def _csv(path: Path, shown: str) -> list[Row]:
    lines = (line for _, line in _decoded_lines(path, shown))
    reader = csv.reader(lines, strict=True)
    limit = csv.field_size_limit(LONGEST_CELL)
    try:
        header = next(reader, [])
        _check_header(header, shown)
        rows = []
        for cells in reader:
            if not cells:
                continue
            if len(cells) != len(header):
                raise RunError(
                    f"This row has {len(cells)} cells, the header {len(header)}.",
                    where=f"{shown}:{reader.line_num}",
                    next_step="Quote cells that hold commas or line breaks.",
                )
            rows.append(dict(zip(header, cells, strict=True)))
        return rows
    except csv.Error as error:
        raise RunError(
            f"This is not CSV: {error}.", where=f"{shown}:{reader.line_num}", next_step="Mend the quoting."
        ) from None
    finally:
        csv.field_size_limit(limit)


def _check_header(header: list[str], shown: str) -> None:
    twice = sorted({name for name in header if header.count(name) > 1})
    if twice:
        raise RunError(
            f"The header names {', '.join(repr(name) for name in twice)} more than once.",
            where=f"{shown}:1",
            next_step="Give every column a name of its own.",
        )


def _parquet(path: Path, shown: str) -> list[Row]:
    if importlib.util.find_spec("pyarrow") is None:
        raise _not_installed("pyarrow", shown)
    parquet = importlib.import_module("pyarrow.parquet")
    arrow = importlib.import_module("pyarrow")
    try:
        rows: list[Row] = parquet.read_table(path).to_pylist()
    except arrow.ArrowException as error:
        raise RunError(f"{shown} is not Parquet: {error}", next_step="Write it again, or use JSON Lines.") from None
    return rows


def _decoded_lines(path: Path, shown: str) -> Iterator[tuple[int, str]]:
    """Lines with their numbers, from 1; a byte order mark is dropped."""
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            try:
                yield number, line.decode("utf-8-sig" if number == 1 else "utf-8")
            except UnicodeDecodeError as error:
                raise RunError(
                    f"This line is not UTF-8 (byte {error.start + 1} of the line).",
                    where=f"{shown}:{number}",
                    next_step="Save the file as UTF-8.",
                ) from None


def _not_installed(package: str, wanted_by: str) -> RunError:
    return RunError(
        f"Reading {wanted_by} needs {package}, which {sys.executable} does not have.",
        next_step=f"Install it: {sys.executable} -m pip install {package}",
    )


READERS: dict[str, Callable[[Path, str], list[Row]]] = {".jsonl": _json_lines, ".csv": _csv, ".parquet": _parquet}
