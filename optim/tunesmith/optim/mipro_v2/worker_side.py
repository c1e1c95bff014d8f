"""MIPROv2 as the daemon runs it: what is only likely luck does not replace the program."""

from typing import Any

import dspy

from tunesmith.optim.cost import Evidence, ProgramCalls
from tunesmith.optim.errors import RunError
from tunesmith.optim.mipro_v2.optimizer import MIPROv2
from tunesmith.optim.mipro_v2.plan import plan_search
from tunesmith.optim.order import Order, WorkerSide
from tunesmith.optim.outcome import TuneOutcome
from tunesmith.optim.prompt_search import AUTO, split_for_search
from tunesmith.optim.proposer import can_write
from tunesmith.optim.rollouts import Run
from tunesmith.protocol import MIPRO_V2, MIPROv2Options


def search(run: Run, order: Order) -> tuple[dspy.Module, TuneOutcome]:
    """The program with the instructions and demos that are likely best, and its verdict."""
    spec, resolved = order.spec, order.resolved
    optimizer = MIPROv2(
        resolved.metric,
        prompt_model=order.models.writer,
        task_model=order.models.task,
        num_threads=spec.threads,
        seed=spec.seed,
        track_stats=False,
        run=run,
        **_options(order),
    )
    tuned = optimizer.compile(
        resolved.program, teacher=resolved.teacher, trainset=resolved.trainset, valset=resolved.valset
    )
    return tuned, optimizer.outcome


def plan_run(order: Order, evidence: Evidence) -> ProgramCalls:
    """How often `search` would run the program. Raises `RunError` for a mode that does not exist."""
    resolved, options = order.resolved, MIPROv2Options(**_options(order))
    if options.auto not in AUTO:
        raise RunError(f"auto must be one of {', '.join(AUTO)}, not {options.auto!r}.")
    train, val = split_for_search(resolved.trainset, resolved.valset, auto=options.auto, seed=order.spec.seed)
    plan = plan_search(options, predictors=len(evidence.sizes), train=len(train), val=len(val))
    return plan.program_calls(writes=can_write(order.models.writer))


def _options(order: Order) -> dict[str, Any]:
    # Without a baseline to keep, the constructor's own selection is right.
    defaults = MIPRO_V2.run_options if order.spec.keep_baseline else {}
    return {**defaults, **order.options}


WORKER_SIDE = WorkerSide(tune=search, plan=plan_run)
