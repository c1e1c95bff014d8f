"""A run as the daemon orders it, and what an optimizer's package does about one."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import dspy

from tunesmith.optim.cost import Evidence, ProgramCalls
from tunesmith.optim.outcome import TuneOutcome
from tunesmith.optim.rollouts import Run
from tunesmith.optim.target_loading import LanguageModels, Resolved
from tunesmith.protocol import ConfiguredTarget, FinetuneEstimate, RunSpec


@dataclass(frozen=True, slots=True)
class Order:
    """What is wanted, with the objects that it names."""

    spec: RunSpec
    resolved: Resolved
    models: LanguageModels
    options: dict[str, Any]
    """Keywords for the optimizer: of the order, and of an optimizer in the code where this one has them too."""

    @property
    def student_model(self) -> str | None:
        """What a student is made from: as the order names it, else the configuration. None: the optimizer's choice."""
        target = self.spec.target
        return self.spec.model or (target.model if isinstance(target, ConfiguredTarget) else None)


@dataclass(frozen=True, slots=True)
class WorkerSide:
    """How the daemon's worker carries out one kind of run. An optimizer's package exports its own as `WORKER_SIDE`."""

    tune: Callable[[Run, Order], tuple[dspy.Module, TuneOutcome]]
    """The program to keep (the baseline's where the gain is unlikely) and what is to be said about it. Raises
    `RunError` for what its user can mend, and whatever the user's code raises."""
    plan: Callable[[Order, Evidence], ProgramCalls]
    """How often `tune` would run the program. Calls no model. Raises `RunError` for what would keep the run from
    starting."""
    forecast: Callable[[Order, Evidence, ProgramCalls], tuple[FinetuneEstimate, str]] | None = None
    """Of what changes weights: what the training would take, and where the lengths of its rows come from, in a line.
    Raises as `plan` does."""
