"""The options of a run, shared by `evaluate`, `optimize` and `estimate`, and the order they make."""

import argparse
import re
import shlex
import shutil
from pathlib import Path

from tunesmith.server.cli.errors import UsageError
from tunesmith.server.cli.options import above_zero, add_json, add_root, not_negative

PLACE = re.compile(r"(?P<file>.+):(?P<line>\d+)")


def add_target(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "target", metavar="TARGET", help="a target's name (see `tunesmith targets`), or FILE:LINE of a compile call"
    )
    add_root(parser)
    add_json(parser)


def add_models(parser: argparse.ArgumentParser, *, tuning: bool) -> None:
    """`tuning`: with those that make demos and write instructions."""
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
    limits = parser.add_argument_group("limits", "A run that meets one ends with the best so far.")
    limits.add_argument("--max-calls", type=above_zero(int), metavar="N", help="stop after so many LM calls")
    limits.add_argument("--max-usd", type=above_zero(float), metavar="USD", help="stop when it cost so much")
    limits.add_argument("--max-seconds", type=above_zero(float), metavar="S", help="stop after so long")


def add_execution(parser: argparse.ArgumentParser, *, spends: bool) -> None:
    """`spends`: the run makes calls, so that it may take over answers, and be left alone."""
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


def interpreter(given: str | None) -> str | None:
    """An absolute path. A virtual environment's `python` is a link that must not be followed.

    Raises `UsageError` where there is no such program.
    """
    if given is None:
        return None
    found = shutil.which(Path(given).expanduser())
    if found is None:
        raise UsageError(f"--python {given}: there is no such program")
    return str(Path(found).absolute())


def target_under_root(target: str, root: Path) -> str:
    """`FILE:LINE` as typed in the current folder, relative to the root; a name as it is."""
    place = PLACE.fullmatch(target)
    if place is None:
        return target
    file = Path(place["file"]).expanduser().resolve()
    if file.is_file() and file.is_relative_to(root):
        return f"{file.relative_to(root).as_posix()}:{place['line']}"
    return target
