"""`bootstrap-finetune`, as the daemon runs it: a student that is only likely luck does not replace the program."""

from typing import Any

import dspy

from tunesmith.optim.bootstrap_finetune.optimizer import BootstrapFinetune
from tunesmith.optim.errors import RunError
from tunesmith.optim.finetune.errors import FinetuneError
from tunesmith.optim.outcome import TuneOutcome
from tunesmith.optim.rollouts import Run
from tunesmith.optim.target_loading import LanguageModels, Resolved
from tunesmith.protocol import ConfiguredTarget, RunSpec


def finetune(
    run: Run, spec: RunSpec, resolved: Resolved, models: LanguageModels, options: dict[str, Any]
) -> tuple[dspy.Module, TuneOutcome]:
    """Raises `RunError` for whatever its user can mend."""
    options = {"keep_baseline": spec.keep_baseline, **options}
    if (model := chosen_model(spec)) is not None:
        options["model"] = model
    try:
        optimizer = BootstrapFinetune(resolved.metric, num_threads=spec.threads, seed=spec.seed, run=run, **options)
    except ValueError as error:
        raise RunError(str(error)) from error
    try:
        tuned = optimizer.compile(resolved.program, resolved.trainset, resolved.teacher, valset=resolved.valset)
    except FinetuneError as error:
        raise RunError(error.message, next_step=error.next_step) from error
    return tuned, optimizer.outcome


def chosen_model(spec: RunSpec) -> str | None:
    """What the order names, else the configuration."""
    configured = spec.target.model if isinstance(spec.target, ConfiguredTarget) else None
    return spec.model or configured
