"""What a finetuning would take: memory, time and money, before a teacher is asked or a weight is loaded."""

from typing import Any

import dspy

from tunesmith.optim.adapters import PromptSize
from tunesmith.optim.bootstrap_finetune.worker_side import chosen_model
from tunesmith.optim.cost import Part, ProgramCalls
from tunesmith.optim.demos import POOL_FACTOR
from tunesmith.optim.errors import RunError
from tunesmith.optim.finetune.base_models import architecture_of, config_of, model_to_train
from tunesmith.optim.finetune.data import Split, split_by_input
from tunesmith.optim.finetune.errors import FinetuneError
from tunesmith.optim.finetune.extra import require_extra
from tunesmith.optim.finetune.forecast import ApiCosts, TeacherCalls, TokenPrice, expected_sizes, listed_price
from tunesmith.optim.finetune.options import METHODS, training_options
from tunesmith.optim.finetune.settings import TrainSettings
from tunesmith.optim.rollouts import is_local
from tunesmith.optim.target_loading import Resolved
from tunesmith.protocol import FinetuneEstimate, RunSpec

ACCEPTED = 0.7
"""The share of a teacher's traces taken to pass, where no earlier run says otherwise."""
TEACHER_DEMOS = 4


def split_for_finetune(spec: RunSpec, resolved: Resolved) -> Split:
    return split_by_input(resolved.trainset, spec.seed, valset=resolved.valset)


def finetune_calls(options: dict[str, Any], split: Split, accepted: float | None) -> ProgramCalls:
    """Runs of teachers. What the student answers itself costs nothing and is not counted."""
    taught, demos = len(split.taught_places), options.get("teacher_demos", TEACHER_DEMOS)
    samples = options.get("samples", 1)
    gathered = min(len(split.train), round(POOL_FACTOR * demos / (accepted or ACCEPTED)))
    judged = len(split.test) if options.get("compare", True) else 0
    basis = f"{taught} training examples, {samples} time{'' if samples == 1 else 's'} each"
    if gathered:
        basis += f", after about {gathered} to find the teacher's demos"
    return ProgramCalls(
        parts=[
            Part(calls=len(split.train) if demos else 0, demos=demos, by_teacher=True),
            Part(calls=taught * samples, demos=demos, by_teacher=True),
            Part(calls=judged, demos=demos, by_teacher=True),
        ],
        expected=gathered + taught * samples + judged,
        basis=f"{basis}, and {judged} held-out examples once; what the student answers itself is not counted",
    )


def finetune_estimate(
    spec: RunSpec,
    resolved: Resolved,
    options: dict[str, Any],
    split: Split,
    sizes: list[PromptSize],
    calls: ProgramCalls,
    *,
    teacher: Any,
    accepted: float | None,
) -> tuple[FinetuneEstimate, str]:
    """`sizes`: of the program's prompts as its present model is sent them. Raises `RunError` for what would keep the
    run from starting. Also where the rows' lengths come from, in a line."""
    try:
        require_extra()
        return _estimate(spec, resolved, options, split, sizes, calls, teacher, accepted)
    except FinetuneError as error:
        raise RunError(error.message, next_step=error.next_step) from error
    except ValueError as error:
        raise RunError(str(error)) from error


def _estimate(
    spec: RunSpec,
    resolved: Resolved,
    options: dict[str, Any],
    split: Split,
    sizes: list[PromptSize],
    calls: ProgramCalls,
    teacher: Any,
    accepted: float | None,
) -> tuple[FinetuneEstimate, str]:
    # Here, because it imports torch, which not every environment has.
    from tunesmith.optim.finetune.forecast import TrainingOutline, forecast_finetune

    program = resolved.program
    source = model_to_train(chosen_model(spec), program)
    config = config_of(source)
    names = [name for name, _ in program.named_predictors()]
    given = {name: options[name] for name in ("epochs", "learning_rate") if options.get(name) is not None}
    settings = TrainSettings(tasks=names, **training_options({**given, **dict(options.get("train_kwargs") or {})}))
    traces = len(split.train) * options.get("samples", 1)
    kept = traces if options.get("use_labels", True) else round((accepted or ACCEPTED) * traces)
    rows, basis = expected_sizes(
        program,
        split.train,
        dspy.settings.adapter,
        source,
        architecture_of(config, source.name),
        count=max(1, kept * len(names)),
    )
    strategy = options.get("strategy", "auto")
    price = _price(teacher)
    asked = TeacherCalls(
        calls=(calls.expected or calls.ceiling) * len(names),
        prompt_tokens=sum(size.prompt for size in sizes) / len(sizes),
        completion_tokens=sum(size.completion for size in sizes) / len(sizes),
        price=price,
    )
    estimate = forecast_finetune(
        TrainingOutline(
            config=config, settings=settings, rows=rows, dev_rows=len(split.dev) * len(names), name=source.name
        ),
        method=strategy if strategy in METHODS else None,
        api=ApiCosts(teacher=asked, prices=[price] if price is not None else []),
    )
    return estimate, f"{rows.count:,} rows of {rows.prompt_tokens} + {rows.target_tokens} tokens, {basis}"


def _price(lm: Any) -> TokenPrice | None:
    if lm is None or is_local(lm):
        return None
    return listed_price(str(getattr(lm, "model", "")))
