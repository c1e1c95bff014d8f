"""The options of the optimizers: which there are, whose they are, and the keywords they become."""

import argparse
from typing import Any, get_args

from tunesmith.protocol import OptimizerName, Tuner
from tunesmith.server.cli.errors import UsageError
from tunesmith.server.cli.options import above_zero, key_value, not_negative

SHARED = ("max_bootstrapped_demos", "max_labeled_demos")
"""Keywords of every optimizer that have an option of their own."""
OWN: dict[Tuner, tuple[str, ...]] = {
    "bootstrap-fewshot": ("teacher_rounds",),
    "mipro-v2": ("auto", "num_instructions", "selection", "max_program_calls"),
}
"""And those of one of them."""
WITHOUT_KEYWORD: dict[str, Tuner] = {"prompt_lm": "mipro-v2"}
"""Options of one optimizer that the order has a field for."""


def add_tuning_options(parser: argparse.ArgumentParser) -> None:
    tuning = parser.add_argument_group("optimizer")
    tuning.add_argument(
        "--optimizer",
        choices=get_args(Tuner),
        help="bootstrap-fewshot finds demos; mipro-v2 also writes instructions and searches for the best of both. "
        "By default what the target's code or pyproject.toml names, else bootstrap-fewshot",
    )
    tuning.add_argument(
        "--max-bootstrapped-demos", type=not_negative, metavar="N", help="demos a predictor gets from traces"
    )
    tuning.add_argument(
        "--max-labeled-demos", type=not_negative, metavar="N", help="demos in all, filled up with labelled examples"
    )
    tuning.add_argument(
        "--no-keep-baseline", action="store_true", help="ship the tuned program even where the gain is unlikely"
    )
    tuning.add_argument(
        "--option",
        type=key_value,
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="another keyword of the optimizer, its value in JSON; may be repeated",
    )
    bootstrap = parser.add_argument_group("bootstrap-fewshot")
    bootstrap.add_argument(
        "--teacher-rounds", type=above_zero(int), metavar="N", help="how often the improved program teaches again"
    )
    mipro = parser.add_argument_group("mipro-v2")
    mipro.add_argument(
        "--auto", choices=["light", "medium", "heavy"], help="how much to search: dspy's budgets are the ceiling"
    )
    mipro.add_argument(
        "--num-instructions", type=not_negative, metavar="N", help="instructions written for each predictor"
    )
    mipro.add_argument(
        "--selection",
        choices=["likely", "strict", "max"],
        help="ship what beats the baseline with probability 0.7 (likely), 0.95 (strict), or whatever is best (max)",
    )
    mipro.add_argument(
        "--max-program-calls", type=above_zero(int), metavar="N", help="a ceiling below that of the mode"
    )


def tuning_keywords(options: argparse.Namespace) -> dict[str, Any]:
    """An option of its own weighs more than the same keyword given with `--option`."""
    names = [*SHARED, *(name for own in OWN.values() for name in own)]
    given = {name: getattr(options, name) for name in names if getattr(options, name) is not None}
    return dict(options.option) | given


def check_fits(options: argparse.Namespace, optimizer: OptimizerName) -> None:
    """Raises `UsageError` for an option that only another optimizer has."""
    owners = {name: owner for owner, own in OWN.items() for name in own} | WITHOUT_KEYWORD
    for name, owner in owners.items():
        if owner != optimizer and getattr(options, name, None) is not None:
            option = f"--{name.replace('_', '-')}"
            chosen = "" if options.optimizer else f", which {options.target} is tuned with by default"
            raise UsageError(
                f"{option} is an option of {owner}, not of {optimizer}{chosen}. "
                f"Leave it out, or add --optimizer {owner}."
            )
