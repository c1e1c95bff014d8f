"""What an ordered run would cost at most. No language model is called."""

import dspy
from msgspec import structs

from tunesmith.optim.cost import estimate_cost, gather_evidence, within_budget
from tunesmith.optim.order import Order, WorkerSide
from tunesmith.protocol import Estimate


def estimate_run(order: Order, side: WorkerSide) -> Estimate:
    """For a run ordered with `estimate_only`. Reads the earlier runs of the target, beside the run's folder.

    Raises `RunError` for what would keep the run from starting.
    """
    evidence = gather_evidence(order.spec, order.resolved, order.models)
    calls = side.plan(order, evidence)
    estimate = estimate_cost(order.spec.optimizer, calls, evidence)
    if side.forecast is not None:
        with dspy.context(**order.models.settings):
            training, rows_basis = side.forecast(order, evidence, calls)
        estimate = structs.replace(estimate, finetune=training, basis=[*estimate.basis, f"rows: {rows_basis}"])
    return within_budget(estimate, order.spec.budget)
