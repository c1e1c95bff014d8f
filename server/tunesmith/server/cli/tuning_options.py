"""The options of the optimizers: which there are, whose they are, and the keywords they become."""

import argparse
from typing import Any, get_args

from tunesmith.protocol import OptimizerName, Tuner
from tunesmith.server.cli.errors import UsageError
from tunesmith.server.cli.options import above_zero, key_value, not_negative

OWNERS: dict[str, tuple[Tuner, ...]] = {
    "max_bootstrapped_demos": ("bootstrap-fewshot", "mipro-v2"),
    "max_labeled_demos": ("bootstrap-fewshot", "mipro-v2"),
    "teacher_rounds": ("bootstrap-fewshot",),
    "auto": ("mipro-v2",),
    "num_instructions": ("mipro-v2",),
    "selection": ("mipro-v2",),
    "max_program_calls": ("mipro-v2",),
    "strategy": ("bootstrap-finetune",),
    "samples": ("bootstrap-finetune",),
    "epochs": ("bootstrap-finetune",),
    "learning_rate": ("bootstrap-finetune",),
}
"""Keywords that have an option of their own, and the optimizers that take them."""
WITHOUT_KEYWORD: dict[str, tuple[Tuner, ...]] = {"prompt_lm": ("mipro-v2",), "model": ("bootstrap-finetune",)}
"""Options of some optimizers that the order has a field for."""


def add_tuning_options(parser: argparse.ArgumentParser) -> None:
    tuning = parser.add_argument_group("optimizer")
    tuning.add_argument(
        "--optimizer",
        choices=get_args(Tuner),
        help="bootstrap-fewshot finds demos; mipro-v2 also writes instructions and searches for the best of both; "
        "bootstrap-finetune trains a small model of your own. By default what the target's code "
        "or pyproject.toml names, else bootstrap-fewshot",
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
        help="ship what beats the baseline with probability 0.7 (likely), 0.97 (strict), or whatever is best (max)",
    )
    mipro.add_argument(
        "--max-program-calls", type=above_zero(int), metavar="N", help="a ceiling below that of the mode"
    )
    finetune = parser.add_argument_group("bootstrap-finetune", "With --model, the model to finetune.")
    finetune.add_argument(
        "--strategy",
        choices=["auto", "full", "lora", "prompt", "multitask"],
        help="which weights change: all, low-rank additions, or a soft prompt; multitask: one student for all "
        "predictors; auto: what suits model, data and memory",
    )
    finetune.add_argument(
        "--samples", type=above_zero(int), metavar="N", help="answers of the teacher to each training example"
    )
    finetune.add_argument("--epochs", type=above_zero(float), metavar="N", help="passes over the training rows")
    finetune.add_argument("--learning-rate", type=above_zero(float), metavar="RATE", help="by default by the strategy")


def tuning_keywords(options: argparse.Namespace) -> dict[str, Any]:
    """An option of its own weighs more than the same keyword given with `--option`."""
    given = {name: getattr(options, name) for name in OWNERS if getattr(options, name) is not None}
    return dict(options.option) | given


def check_fits(options: argparse.Namespace, optimizer: OptimizerName) -> None:
    """Raises `UsageError` for an option that only other optimizers have."""
    for name, owners in (OWNERS | WITHOUT_KEYWORD).items():
        if optimizer not in owners and getattr(options, name, None) is not None:
            option = f"--{name.replace('_', '-')}"
            chosen = "" if options.optimizer else f", which {options.target} is tuned with by default"
            raise UsageError(
                f"{option} is an option of {' and '.join(owners)}, not of {optimizer}{chosen}. "
                f"Leave it out, or add --optimizer {owners[0]}."
            )
