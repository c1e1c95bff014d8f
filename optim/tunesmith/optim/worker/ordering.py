"""From what the daemon sent to an order, and to the package that carries it out."""

from importlib import import_module
from typing import Any

from tunesmith.optim.errors import RunError
from tunesmith.optim.order import Order, WorkerSide
from tunesmith.optim.target_loading import LanguageModels, Resolved
from tunesmith.protocol import (
    BOOTSTRAP_FEWSHOT,
    BOOTSTRAP_FINETUNE,
    EVALUATE,
    MIPRO_V2,
    OPTIMIZERS,
    OptimizerName,
    RunSpec,
)

WORKER_SIDES: dict[OptimizerName, str] = {
    EVALUATE: "tunesmith.optim.worker.evaluating",
    BOOTSTRAP_FEWSHOT.name: "tunesmith.optim.bootstrap_fewshot",
    MIPRO_V2.name: "tunesmith.optim.mipro_v2",
    BOOTSTRAP_FINETUNE.name: "tunesmith.optim.bootstrap_finetune",
}
"""What exports the `WORKER_SIDE` of each. A run loads its own and no other."""


def worker_side(optimizer: OptimizerName) -> WorkerSide:
    """How runs of this name are carried out."""
    side: WorkerSide = import_module(WORKER_SIDES[optimizer]).WORKER_SIDE
    return side


def make_order(spec: RunSpec, resolved: Resolved, models: LanguageModels) -> Order:
    """Raises `RunError` for an option the optimizer does not have."""
    options = _chosen_options(spec, resolved)
    if models.teacher is not None:
        options["teacher_settings"] = {**options.get("teacher_settings", {}), "lm": models.teacher}
    return Order(spec=spec, resolved=resolved, models=models, options=options)


def _chosen_options(spec: RunSpec, resolved: Resolved) -> dict[str, Any]:
    """Those of the order, and what an optimizer in the code was given where this one has it too."""
    optimizer = OPTIMIZERS.get(spec.optimizer)
    if optimizer is None:
        return {}
    known = {option.keyword for option in optimizer.options}
    if unknown := sorted(set(spec.options) - known):
        raise RunError(
            f"{spec.optimizer} has no option {', '.join(unknown)}.", next_step=f"It has: {', '.join(sorted(known))}."
        )
    return {**{name: value for name, value in resolved.options.items() if name in known}, **spec.options}
