"""BootstrapFinetune as the daemon runs it: a student that is only likely luck does not replace the program."""

import dspy

from tunesmith.optim.bootstrap_finetune.optimizer import BootstrapFinetune
from tunesmith.optim.bootstrap_finetune.plan import plan_order
from tunesmith.optim.bootstrap_finetune.training_forecast import forecast_training
from tunesmith.optim.cost import Evidence, ProgramCalls
from tunesmith.optim.errors import RunError
from tunesmith.optim.finetune.errors import FinetuneError
from tunesmith.optim.order import Order, WorkerSide
from tunesmith.optim.outcome import TuneOutcome
from tunesmith.optim.rollouts import Run


def finetune(run: Run, order: Order) -> tuple[dspy.Module, TuneOutcome]:
    """The program with finetuned models, and its verdict. Raises `RunError` for whatever its user can mend."""
    spec, resolved = order.spec, order.resolved
    options = {"keep_baseline": spec.keep_baseline, **order.options}
    if (model := order.student_model) is not None:
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


def plan_teachers(order: Order, evidence: Evidence) -> ProgramCalls:
    """How often `finetune` would run teachers."""
    return plan_order(order).program_calls(evidence.accepted)


WORKER_SIDE = WorkerSide(tune=finetune, plan=plan_teachers, forecast=forecast_training)
