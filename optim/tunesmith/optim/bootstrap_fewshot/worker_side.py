"""BootstrapFewShot as the daemon runs it: always with validation data, and with a verdict."""

from typing import Any

import dspy

from tunesmith.optim.bootstrap_fewshot.optimizer import BootstrapFewShot
from tunesmith.optim.bootstrap_fewshot.plan import plan_teaching
from tunesmith.optim.cost import Evidence, ProgramCalls
from tunesmith.optim.errors import RunError
from tunesmith.optim.order import Order, WorkerSide
from tunesmith.optim.outcome import TuneOutcome
from tunesmith.optim.rollouts import Run
from tunesmith.optim.statistics import split_examples
from tunesmith.protocol import BOOTSTRAP_FEWSHOT, BootstrapFewShotOptions

HELD_OUT_SHARE = 0.5
"""Demos need few examples; a verdict needs many."""
MOST_HELD_OUT = 200
"""Held-out examples are scored twice, so more of them only cost."""


def bootstrap(run: Run, order: Order) -> tuple[dspy.Module, TuneOutcome]:
    """The program with demos, and its verdict."""
    spec, resolved = order.spec, order.resolved
    trainset, valset = teaching_data(order)
    optimizer = BootstrapFewShot(
        resolved.metric,
        num_threads=spec.threads,
        seed=spec.seed,
        run=run,
        **{"keep_baseline": spec.keep_baseline, **_options(order)},
    )
    tuned = optimizer.compile(resolved.program, teacher=resolved.teacher, trainset=trainset, valset=valset)
    return tuned, optimizer.outcome


def plan_bootstrap(order: Order, evidence: Evidence) -> ProgramCalls:
    """How often `bootstrap` would run the program."""
    trainset, valset = teaching_data(order)
    plan = plan_teaching(BootstrapFewShotOptions(**_options(order)), train=len(trainset), val=len(valset))
    return plan.program_calls(evidence.accepted)


def teaching_data(order: Order) -> tuple[list[Any], list[Any]]:
    """What to learn from and what to judge by. Raises `RunError` where there is too little."""
    spec, resolved = order.spec, order.resolved
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


def _options(order: Order) -> dict[str, Any]:
    return {**BOOTSTRAP_FEWSHOT.run_options, **order.options}


WORKER_SIDE = WorkerSide(tune=bootstrap, plan=plan_bootstrap)
