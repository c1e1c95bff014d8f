"""`bootstrap-fewshot`, as the daemon runs it: always with validation data, and with a verdict."""

from typing import Any

import dspy

from tunesmith.optim.bootstrap_fewshot.optimizer import BootstrapFewShot
from tunesmith.optim.errors import RunError
from tunesmith.optim.outcome import TuneOutcome
from tunesmith.optim.rollouts import Run
from tunesmith.optim.statistics import split_examples
from tunesmith.optim.target_loading import LanguageModels, Resolved
from tunesmith.protocol import RunSpec

TEACHER_ROUNDS = 2
HELD_OUT_SHARE = 0.5
"""Demos need few examples; a verdict needs many."""
MOST_HELD_OUT = 200
"""Held-out examples are scored twice, so more of them only cost."""


def bootstrap(
    run: Run, spec: RunSpec, resolved: Resolved, models: LanguageModels, options: dict[str, Any]
) -> tuple[dspy.Module, TuneOutcome]:
    trainset, valset = teaching_data(spec, resolved)
    options = {"teacher_rounds": TEACHER_ROUNDS, "keep_baseline": spec.keep_baseline, **options}
    optimizer = BootstrapFewShot(resolved.metric, num_threads=spec.threads, seed=spec.seed, run=run, **options)
    tuned = optimizer.compile(resolved.program, teacher=resolved.teacher, trainset=trainset, valset=valset)
    return tuned, optimizer.outcome


def teaching_data(spec: RunSpec, resolved: Resolved) -> tuple[list[Any], list[Any]]:
    """What to learn from and what to judge by. Raises `RunError` where there is too little."""
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
