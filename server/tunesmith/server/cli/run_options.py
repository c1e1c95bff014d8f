"""The options of a run, shared by `evaluate` and `optimize`, and the order they make."""

import argparse
import re
import shlex
import shutil
from pathlib import Path

from tunesmith.server.cli.errors import UsageError
from tunesmith.server.cli.options import above_zero, add_json, add_root, not_negative

PLACE = re.compile(r"(?P<file>.+):(?P<line>\d+)")


def add_run_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "target", metavar="TARGET", help="a target's name (see `tunesmith targets`), or FILE:LINE of a compile call"
    )
    parser.add_argument("--lm", metavar="MODEL", help="the program's language model, e.g. openai/gpt-4o-mini")
    parser.add_argument("--max-calls", type=above_zero(int), metavar="N", help="stop after so many LM calls")
    parser.add_argument("--max-usd", type=above_zero(float), metavar="USD", help="stop when it cost so much")
    parser.add_argument("--max-seconds", type=above_zero(float), metavar="S", help="stop after so long")
    parser.add_argument("--threads", type=above_zero(int), metavar="N", help="how many rollouts at a time")
    parser.add_argument("--seed", type=not_negative, default=0, metavar="N", help="of every random draw (default 0)")
    parser.add_argument(
        "--python", metavar="PYTHON", help="the interpreter that has dspy and tunesmith; by default the workspace's"
    )
    parser.add_argument("--reuse", metavar="RUN", help="take over what is still valid of another run")
    parser.add_argument(
        "--yes-run-script",
        action="store_true",
        help="agree that the target's script is run up to its compile call, to get at its local variables",
    )
    parser.add_argument(
        "--script-args", type=shlex.split, default=[], metavar="ARGS", help="arguments of that script, quoted as one"
    )
    parser.add_argument("--detach", action="store_true", help="start the run, print its id and leave")
    add_root(parser)
    add_json(parser)


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
