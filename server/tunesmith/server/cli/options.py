"""Options that several verbs share, and the reading of their values. Imports nothing beyond the standard library."""

import argparse
import json
from collections.abc import Callable
from typing import Any, TypeVar

Number = TypeVar("Number", int, float)


def add_json(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print JSON and nothing else")


def add_root(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--root",
        metavar="FOLDER",
        help="the workspace folder; by default the nearest one upwards with a pyproject.toml, a .tunesmith or a .git",
    )


def above_zero(kind: type[Number]) -> Callable[[str], Number]:
    """A reader of positive numbers."""

    def read(text: str) -> Number:
        try:
            number = kind(text)
        except ValueError:
            raise argparse.ArgumentTypeError(f"{text!r} is not {WORDING[kind]}") from None
        if not number > 0:
            raise argparse.ArgumentTypeError(f"{text} is not above zero")
        return number

    return read


def not_negative(text: str) -> int:
    try:
        number = int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not {WORDING[int]}") from None
    if number < 0:
        raise argparse.ArgumentTypeError(f"{text} is below zero")
    return number


WORDING: dict[type, str] = {int: "a whole number", float: "a number"}


def key_value(text: str) -> tuple[str, Any]:
    """`KEY=VALUE`, the value in JSON."""
    key, equals, value = text.partition("=")
    if not equals or not key.isidentifier():
        raise argparse.ArgumentTypeError(f"{text!r} is not KEY=VALUE")
    try:
        return key, json.loads(value)
    except json.JSONDecodeError:
        raise argparse.ArgumentTypeError(
            f"the value of {key} is not JSON: {value!r} (text needs its quotes: {key}='\"…\"')"
        ) from None
