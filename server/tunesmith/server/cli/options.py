"""Options that several verbs share, a run's among them, and the reading of their values. Standard library only."""

import argparse
import json
import shlex
from collections.abc import Callable
from typing import Any, TypeVar

Number = TypeVar("Number", int, float)


def add_json(parser: argparse.ArgumentParser) -> None:
    """`--json`, which every verb but `lsp` has."""
    parser.add_argument("--json", action="store_true", help="print JSON and nothing else")


def add_root(parser: argparse.ArgumentParser) -> None:
    """`--root`."""
    parser.add_argument(
        "--root",
        metavar="FOLDER",
        help="the workspace folder; by default the nearest one upwards with a pyproject.toml, a .tunesmith or a .git",
    )


def add_target(parser: argparse.ArgumentParser, *, optional: bool = False) -> None:
    """What is run, where, and whether JSON is printed."""
    parser.add_argument(
        "target",
        nargs="?" if optional else None,
        metavar="TARGET",
        help="a target's name (see `tunesmith targets`), or FILE:LINE of a compile call",
    )
    add_root(parser)
    add_json(parser)


def add_models(parser: argparse.ArgumentParser, *, tuning: bool) -> None:
    """Which models are called. `tuning`: with those that make demos and write instructions."""
    models = parser.add_argument_group("language models")
    models.add_argument("--lm", metavar="MODEL", help="the program's, e.g. openai/gpt-4o-mini")
    if tuning:
        models.add_argument(
            "--teacher-lm", metavar="MODEL", help="the one that makes demos, or answers to train on; by default --lm"
        )
        models.add_argument("--prompt-lm", metavar="MODEL", help="the one that writes instructions; by default --lm")
        models.add_argument(
            "--model",
            metavar="MODEL",
            help="the one to finetune: local/NAME, a folder, a GGUF file or a Hugging Face id; "
            "by default the optimizer's choice",
        )


def add_limits(parser: argparse.ArgumentParser) -> None:
    """What ends a run early."""
    limits = parser.add_argument_group("limits", "A run that meets one ends with the best so far.")
    limits.add_argument("--max-calls", type=above_zero(int), metavar="N", help="stop after so many LM calls")
    limits.add_argument("--max-usd", type=above_zero(float), metavar="USD", help="stop when it cost so much")
    limits.add_argument("--max-seconds", type=above_zero(float), metavar="S", help="stop after so long")


def add_execution(parser: argparse.ArgumentParser, *, spends: bool) -> None:
    """How it is executed. `spends`: the run makes calls, so that it may take over answers, and be left alone."""
    execution = parser.add_argument_group("execution")
    execution.add_argument("--threads", type=above_zero(int), metavar="N", help="how many rollouts at a time")
    execution.add_argument("--seed", type=not_negative, default=0, metavar="N", help="of every random draw (default 0)")
    execution.add_argument(
        "--python", metavar="PYTHON", help="the interpreter that has dspy and tunesmith; by default the workspace's"
    )
    execution.add_argument(
        "--yes-run-script",
        action="store_true",
        help="agree that the target's script is run up to its compile call, to get at its local variables",
    )
    execution.add_argument(
        "--script-args", type=shlex.split, default=[], metavar="ARGS", help="arguments of that script, quoted as one"
    )
    if spends:
        execution.add_argument("--reuse", metavar="RUN", help="take over what is still valid of another run")
        execution.add_argument("--detach", action="store_true", help="start the run, print its id and leave")


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
    """Reads whole numbers from zero on."""
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
