"""`bootstrap-fewshot`, as the daemon runs it: always with validation data, and with a verdict."""

import inspect
from typing import Any

import dspy

from tunesmith.optim.bootstrap_fewshot import BootstrapFewShot
from tunesmith.optim.outcome import TuneOutcome
from tunesmith.optim.rollouts import Run
from tunesmith.optim.run_error import RunError
from tunesmith.optim.scoring import split_examples
from tunesmith.optim.targets import Resolved
from tunesmith.optim.worker.language_models import LanguageModels
from tunesmith.protocol import RunSpec

TEACHER_ROUNDS = 2
HELD_OUT_SHARE = 0.5
"""Demos need few examples; a verdict needs many."""
MOST_HELD_OUT = 200
"""Held-out examples are scored twice, so more of them only cost."""
OURS = frozenset({"self", "metric", "run", "run_dir", "num_threads", "seed", "keep_baseline"})
"""Arguments the order has fields of its own for."""


def tune(run: Run, spec: RunSpec, resolved: Resolved, models: LanguageModels) -> tuple[dspy.Module, TuneOutcome]:
    """Returns the program to keep (the baseline's where the gain is unlikely) and what is to be said about it."""
    trainset, valset = _data(spec, resolved)
    options = {"teacher_rounds": TEACHER_ROUNDS, **resolved.options, **_checked(spec)}
    if models.teacher is not None:
        options["teacher_settings"] = {**options.get("teacher_settings", {}), "lm": models.teacher}
    optimizer = BootstrapFewShot(
        resolved.metric,
        num_threads=spec.threads,
        seed=spec.seed,
        keep_baseline=spec.keep_baseline,
        run=run,
        **options,
    )
    tuned = optimizer.compile(resolved.program, teacher=resolved.teacher, trainset=trainset, valset=valset)
    return tuned, optimizer.outcome


def _data(spec: RunSpec, resolved: Resolved) -> tuple[list[Any], list[Any]]:
    if resolved.valset is not None:
        return resolved.trainset, resolved.valset
    if len(resolved.trainset) < 2:
        raise RunError(
            "One example cannot both teach and test.",
            where=f"{spec.target.file}:{spec.target.line}",
            next_step="Add examples, or give a valset.",
        )
    share = min(HELD_OUT_SHARE, MOST_HELD_OUT / len(resolved.trainset))
    return split_examples(resolved.trainset, spec.seed, share)


def _checked(spec: RunSpec) -> dict[str, Any]:
    known = set(inspect.signature(BootstrapFewShot.__init__).parameters) - OURS
    if unknown := sorted(set(spec.options) - known):
        raise RunError(
            f"bootstrap-fewshot has no option {', '.join(unknown)}.", next_step=f"It has: {', '.join(sorted(known))}."
        )
    return spec.options
