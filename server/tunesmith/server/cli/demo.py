"""`tunesmith demo`: the whole way on the bundled example, with a model that runs on this machine."""

import argparse
from pathlib import Path

from tunesmith.protocol import DEFAULT_OPTIMIZER
from tunesmith.server.cli.errors import UsageError
from tunesmith.server.cli.options import add_json, not_negative
from tunesmith.server.demo import TOURS, FolderInUse, run_tour


def define(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--seed", type=not_negative, default=0, metavar="N", help="another split of the examples")
    parser.add_argument(
        "--workspace", type=Path, metavar="FOLDER", help="where the example is copied to; by default a temporary folder"
    )
    parser.add_argument(
        "--optimizer",
        choices=list(TOURS),
        default=DEFAULT_OPTIMIZER.name,
        help="what tunes it: the whole desk, or with the others its first step (default %(default)s)",
    )
    add_json(parser)


def run(options: argparse.Namespace) -> int:
    """Raises `UsageError`, `PullError`, `SessionError`."""
    try:
        return run_tour(options.seed, options.workspace, options.json, options.optimizer)
    except FolderInUse as error:
        raise UsageError(str(error)) from error
