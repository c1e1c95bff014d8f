"""What can be known of a run's cost before it starts: its prompts, its models, and what an earlier run took."""

from pathlib import Path

import dspy
from msgspec import Struct

from tunesmith.optim.adapters import PromptSize, adapter_in_force, measure_prompts
from tunesmith.optim.cost.past_runs import PastRun, find_past_run
from tunesmith.optim.target_loading import LanguageModels, Resolved
from tunesmith.protocol import RunSpec


class Evidence(Struct, frozen=True, kw_only=True):
    """Of one run."""

    sizes: list[PromptSize]
    """One a predictor: its prompts, rendered for training examples."""
    adapter: str
    """The name of what rendered them."""
    models: LanguageModels
    past: PastRun | None
    """The newest finished run of the same target."""

    @property
    def accepted(self) -> float | None:
        """The share of examples the earlier run got right."""
        score = self.past.baseline if self.past else None
        return score if score is not None and 0 < score <= 1 else None

    @property
    def calls_per_program(self) -> float:
        """LM calls of one call of the program."""
        return self.past.calls_per_program if self.past else float(len(self.sizes))

    @property
    def seconds_per_call(self) -> float | None:
        """Of the clock, for an LM call; known only where the earlier run asked the same model."""
        asked = self.models.default or self.models.writer
        known = self.past is not None and getattr(asked, "model", None) in self.past.models
        return self.past.seconds_per_call if self.past is not None and known else None


def gather_evidence(spec: RunSpec, resolved: Resolved, models: LanguageModels) -> Evidence:
    """Reads the earlier runs of the target, beside the run's folder. Calls no model."""
    past = find_past_run(Path(spec.run_dir), spec.target.name)
    with dspy.context(**models.settings):
        return Evidence(
            sizes=measure_prompts(resolved.program, resolved.trainset),
            adapter=type(adapter_in_force()).__name__,
            models=models,
            past=past,
        )
