"""The optimizers an order can name, and what each of them may be told."""

import inspect
from collections.abc import Callable
from typing import Any

import dspy
from msgspec import Struct

from tunesmith.optim.bootstrap_fewshot import BootstrapFewShot, bootstrap
from tunesmith.optim.bootstrap_finetune import BootstrapFinetune, finetune
from tunesmith.optim.errors import RunError
from tunesmith.optim.mipro_v2 import MIPROv2, search_prompts
from tunesmith.optim.outcome import TuneOutcome
from tunesmith.optim.rollouts import Run
from tunesmith.optim.target_loading import LanguageModels, Resolved
from tunesmith.protocol import RunSpec

OURS = frozenset(
    {"self", "metric", "run", "run_dir", "log_dir", "num_threads", "seed", "keep_baseline"}
    | {"prompt_model", "task_model", "verbose", "track_stats", "model", "folder"}
)
"""Arguments the order has fields of its own for, and those that mean nothing here."""


class Optimizer(Struct, frozen=True):
    cls: type
    tune: Callable[[Run, RunSpec, Resolved, LanguageModels, dict[str, Any]], tuple[dspy.Module, TuneOutcome]]

    @property
    def options(self) -> frozenset[str]:
        return frozenset(inspect.signature(self.cls.__init__).parameters) - OURS  # type: ignore[misc]


OPTIMIZERS = {
    "bootstrap-fewshot": Optimizer(BootstrapFewShot, bootstrap),
    "mipro-v2": Optimizer(MIPROv2, search_prompts),
    "bootstrap-finetune": Optimizer(BootstrapFinetune, finetune),
}


def chosen_options(spec: RunSpec, resolved: Resolved) -> dict[str, Any]:
    """Keywords for the optimizer: those of the order, and what an optimizer in the code was given where this one has
    it too. Raises `RunError` for an option the optimizer does not have."""
    known = OPTIMIZERS[spec.optimizer].options
    if unknown := sorted(set(spec.options) - known):
        raise RunError(
            f"{spec.optimizer} has no option {', '.join(unknown)}.", next_step=f"It has: {', '.join(sorted(known))}."
        )
    return {**{name: value for name, value in resolved.options.items() if name in known}, **spec.options}


def tune(run: Run, spec: RunSpec, resolved: Resolved, models: LanguageModels) -> tuple[dspy.Module, TuneOutcome]:
    """Returns the program to keep (the baseline's where the gain is unlikely) and what is to be said about it.

    Raises what `chosen_options` and the optimizer raise.
    """
    options = chosen_options(spec, resolved)
    if models.teacher is not None:
        options["teacher_settings"] = {**options.get("teacher_settings", {}), "lm": models.teacher}
    return OPTIMIZERS[spec.optimizer].tune(run, spec, resolved, models, options)
