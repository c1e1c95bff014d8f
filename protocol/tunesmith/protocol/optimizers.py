"""The table of optimizers: what command line, estimator, daemon and editor know of each of them.

One optimizer is one entry here, one package in `optim` that carries it out, and a line in the table of the packages.
Whoever needs one of them by name takes the name from its entry.
"""

from typing import TYPE_CHECKING, Any, Literal

from tunesmith.protocol.optimizer_options import (
    BootstrapFewShotOptions,
    BootstrapFinetuneOptions,
    MIPROv2Options,
    OptionInfo,
    list_options,
)
from tunesmith.protocol.wire import Wire


class OptimizerInfo(Wire, frozen=True):
    """What is known of an optimizer without loading it."""

    name: str
    """As orders, pyproject.toml and `--optimizer` spell it."""
    classes: list[str]
    """Names of its class at a compile site: of dspy's and of our drop-in. Classes not named here are none of ours."""
    title: str
    """For people who choose."""
    description: str
    help: str
    """What it does, said after its name: of `--optimizer`."""
    options: list[OptionInfo] = []
    run_options: dict[str, Any] = {}
    """Where a run of the daemon differs from the constructor's defaults."""
    order_fields: list[Literal["prompt_lm", "model"]] = []
    """Fields of an order that mean something to it and not to all."""
    searches: bool = False
    """Its runs compare candidates, and have a search to look at."""


BOOTSTRAP_FEWSHOT = OptimizerInfo(
    name="bootstrap-fewshot",
    classes=["BootstrapFewShot"],
    title="Demos (BootstrapFewShot)",
    description="Finds worked examples among the program's own good runs. The cheapest, and a good first try.",
    help="finds demos",
    options=list_options(BootstrapFewShotOptions),
    # A verdict is wanted anyway, and a second round costs little beside it.
    run_options={"teacher_rounds": 2},
)
MIPRO_V2 = OptimizerInfo(
    name="mipro-v2",
    classes=["MIPROv2"],
    title="Instructions and demos (MIPROv2)",
    description="Also writes instructions, and searches for the best combination. More calls, often more gain.",
    help="also writes instructions and searches for the best of both",
    options=list_options(MIPROv2Options),
    # Unless the order wants whatever is best: what is only likely luck does not replace the program.
    run_options={"selection": "likely"},
    order_fields=["prompt_lm"],
    searches=True,
)
BOOTSTRAP_FINETUNE = OptimizerInfo(
    name="bootstrap-finetune",
    classes=["BootstrapFinetune"],
    title="A small model of your own (BootstrapFinetune)",
    description="Trains a local model on the program's good runs. Minutes to hours on this machine.",
    help="trains a small model of your own",
    options=list_options(BootstrapFinetuneOptions),
    order_fields=["model"],
)

OPTIMIZERS: dict[str, OptimizerInfo] = {
    optimizer.name: optimizer
    for optimizer in (
        BOOTSTRAP_FEWSHOT,
        MIPRO_V2,
        BOOTSTRAP_FINETUNE,
    )
}
"""In the order in which they are offered."""
DEFAULT_OPTIMIZER = BOOTSTRAP_FEWSHOT
"""Where nobody names one."""
EVALUATE = "evaluate"
"""An order of this name only scores the program."""

# Names of the table, which the wire checks; a type checker has no way to.
if TYPE_CHECKING:
    Tuner = str
    """An optimizer that tunes."""
    OptimizerName = str
else:
    Tuner = Literal[tuple(OPTIMIZERS)]
    OptimizerName = Literal[(*OPTIMIZERS, EVALUATE)]
