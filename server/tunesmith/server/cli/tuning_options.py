"""The options of the optimizers, from their table: which there are, whose they are, and the keywords they become."""

import argparse
from collections.abc import Callable, Iterable
from typing import Any

from tunesmith.protocol import DEFAULT_OPTIMIZER, OPTIMIZERS, OptimizerInfo, OptimizerName, OptionInfo, Tuner
from tunesmith.server.cli.errors import UsageError
from tunesmith.server.cli.options import above_zero, key_value, not_negative


def _owners(names: Callable[[OptimizerInfo], Iterable[str]]) -> dict[str, list[Tuner]]:
    owners: dict[str, list[Tuner]] = {}
    for optimizer in OPTIMIZERS.values():
        for name in names(optimizer):
            owners.setdefault(name, []).append(optimizer.name)
    return owners


OWNERS = _owners(lambda optimizer: [option.keyword for option in optimizer.options if option.help])
"""Keywords that have an option of their own, and the optimizers that take them."""
ORDER_FIELDS = _owners(lambda optimizer: optimizer.order_fields)
"""Options of some optimizers that the order has a field for."""


def add_tuning_options(parser: argparse.ArgumentParser) -> None:
    """A group of what every or several optimizers have, then one for each that has options to itself."""
    tuning = parser.add_argument_group("optimizer")
    tuning.add_argument(
        "--optimizer",
        choices=tuple(OPTIMIZERS),
        help=f"{'; '.join(f'{name} {optimizer.help}' for name, optimizer in OPTIMIZERS.items())}. "
        f"By default what the target's code or pyproject.toml names, else {DEFAULT_OPTIMIZER.name}",
    )
    options = {option.keyword: option for one in OPTIMIZERS.values() for option in one.options if option.help}
    for option in options.values():
        if len(OWNERS[option.keyword]) > 1:
            _add_option(tuning, option)
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
    for name, optimizer in OPTIMIZERS.items():
        own = [option for option in options.values() if OWNERS[option.keyword] == [name]]
        if own:
            finetunes = "model" in optimizer.order_fields
            group = parser.add_argument_group(name, "With --model, the model to finetune." if finetunes else None)
            for option in own:
                _add_option(group, option)


def _add_option(group: argparse._ArgumentGroup, option: OptionInfo) -> None:
    flag = f"--{option.keyword.replace('_', '-')}"
    if option.kind == "choice":
        group.add_argument(flag, choices=option.choices, help=option.help)
    else:
        group.add_argument(flag, type=_parser(option), metavar=option.value, help=option.help)


def _parser(option: OptionInfo) -> Callable[[str], Any]:
    if not option.positive:
        return not_negative
    return above_zero(float if option.kind == "number" else int)


def tuning_keywords(options: argparse.Namespace) -> dict[str, Any]:
    """An option of its own weighs more than the same keyword given with `--option`."""
    given = {name: getattr(options, name) for name in OWNERS if getattr(options, name) is not None}
    return dict(options.option) | given


def check_fits(options: argparse.Namespace, optimizer: OptimizerName) -> None:
    """Raises `UsageError` for an option that only other optimizers have."""
    for name, owners in (OWNERS | ORDER_FIELDS).items():
        if optimizer not in owners and getattr(options, name, None) is not None:
            option = f"--{name.replace('_', '-')}"
            chosen = "" if options.optimizer else f", which {options.target} is tuned with by default"
            raise UsageError(
                f"{option} is an option of {' and '.join(owners)}, not of {optimizer}{chosen}. "
                f"Leave it out, or add --optimizer {owners[0]}."
            )
