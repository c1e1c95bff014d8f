"""`tunesmith optimize`: tune a target in the background and show how it goes."""

import argparse
from typing import Any

from tunesmith.server.cli.options import above_zero, key_value, not_negative
from tunesmith.server.cli.run_command import start_and_follow
from tunesmith.server.cli.run_options import add_run_options

KEYWORDS = ("max_bootstrapped_demos", "max_labeled_demos", "teacher_rounds")
"""Keywords of the optimizer that have an option of their own."""


def define(parser: argparse.ArgumentParser) -> None:
    add_run_options(parser)
    parser.add_argument(
        "--optimizer", choices=["bootstrap-fewshot"], default="bootstrap-fewshot", help="how (default %(default)s)"
    )
    parser.add_argument("--teacher-lm", metavar="MODEL", help="the language model that makes the demos")
    parser.add_argument(
        "--max-bootstrapped-demos", type=not_negative, metavar="N", help="demos a predictor gets from traces"
    )
    parser.add_argument(
        "--max-labeled-demos", type=not_negative, metavar="N", help="demos in all, filled up with labelled examples"
    )
    parser.add_argument(
        "--teacher-rounds", type=above_zero(int), metavar="N", help="how often the improved program teaches again"
    )
    parser.add_argument(
        "--option",
        type=key_value,
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="another keyword of the optimizer, its value in JSON; may be repeated",
    )
    parser.add_argument(
        "--no-keep-baseline", action="store_true", help="ship the tuned program even where the gain is unlikely"
    )


def run(options: argparse.Namespace) -> int:
    return start_and_follow(options, optimizer=options.optimizer, keywords=optimizer_keywords(options))


def optimizer_keywords(options: argparse.Namespace) -> dict[str, Any]:
    """An option of its own weighs more than the same keyword given with `--option`."""
    own = {name: getattr(options, name) for name in KEYWORDS if getattr(options, name) is not None}
    return dict(options.option) | own
