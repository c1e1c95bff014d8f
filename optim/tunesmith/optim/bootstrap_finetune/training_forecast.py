"""What the training of an ordered run would take: memory, time and money, before a weight is loaded."""

from typing import Any

import dspy

from tunesmith.optim.bootstrap_finetune.plan import ACCEPTED, plan_order
from tunesmith.optim.cost import Evidence, ProgramCalls
from tunesmith.optim.errors import RunError
from tunesmith.optim.finetune.base_models import architecture_of, config_of, model_to_train
from tunesmith.optim.finetune.errors import FinetuneError
from tunesmith.optim.finetune.extra import require_extra
from tunesmith.optim.finetune.forecast import ApiCosts, TeacherCalls, TokenPrice, expected_sizes, listed_price
from tunesmith.optim.finetune.options import METHODS, training_options
from tunesmith.optim.finetune.settings import TrainSettings
from tunesmith.optim.order import Order
from tunesmith.optim.rollouts import is_local
from tunesmith.protocol import BootstrapFinetuneOptions, FinetuneEstimate


def forecast_training(order: Order, evidence: Evidence, calls: ProgramCalls) -> tuple[FinetuneEstimate, str]:
    """What the training would take, and where the rows' lengths come from, in a line.

    Raises `RunError` for what would keep the run from starting.
    """
    try:
        require_extra()
        return _forecast(order, evidence, calls)
    except FinetuneError as error:
        raise RunError(error.message, next_step=error.next_step) from error
    except ValueError as error:
        raise RunError(str(error)) from error


def _forecast(order: Order, evidence: Evidence, calls: ProgramCalls) -> tuple[FinetuneEstimate, str]:
    # Here, because it imports torch, which not every environment has.
    from tunesmith.optim.finetune.forecast import TrainingOutline, forecast_finetune

    program, sizes, split = order.resolved.program, evidence.sizes, plan_order(order).split
    options = BootstrapFinetuneOptions(**order.options)
    teacher = order.models.teacher or order.models.default
    source = model_to_train(order.student_model, program)
    config = config_of(source)
    names = [name for name, _ in program.named_predictors()]
    shorthands = {"epochs": options.epochs, "learning_rate": options.learning_rate}
    given = {name: value for name, value in shorthands.items() if value is not None}
    settings = TrainSettings(tasks=names, **training_options({**given, **dict(options.train_kwargs or {})}))
    traces = len(split.train) * options.samples
    kept = traces if options.use_labels else round((evidence.accepted or ACCEPTED) * traces)
    rows, basis = expected_sizes(
        program,
        split.train,
        dspy.settings.adapter,
        source,
        architecture_of(config, source.name),
        count=max(1, kept * len(names)),
    )
    strategy, price = options.strategy, _price(teacher)
    asked = TeacherCalls(
        calls=(calls.expected or calls.ceiling) * len(names),
        prompt_tokens=sum(size.prompt for size in sizes) / len(sizes),
        completion_tokens=sum(size.completion for size in sizes) / len(sizes),
        price=price,
    )
    training = forecast_finetune(
        TrainingOutline(
            config=config, settings=settings, rows=rows, dev_rows=len(split.dev) * len(names), name=source.name
        ),
        method=strategy if strategy in METHODS else None,
        api=ApiCosts(teacher=asked, prices=[price] if price is not None else []),
    )
    return training, f"{rows.count:,} rows of {rows.prompt_tokens} + {rows.target_tokens} tokens, {basis}"


def _price(lm: Any) -> TokenPrice | None:
    if lm is None or is_local(lm):
        return None
    return listed_price(str(getattr(lm, "model", "")))
