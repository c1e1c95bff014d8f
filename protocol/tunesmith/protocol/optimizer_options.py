"""What the optimizers may be told: every keyword of theirs that is an option, with its default, and help for people.

A field is a keyword of the constructor. One with a description has an option of its own on the command line, whose
help that is; `Meta` also says which numbers it takes (`ge=0`, `gt=0`) and what stands for its value (`title`).
"""

from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from msgspec import Meta, Struct, structs

from tunesmith.protocol.wire import Wire

AutoMode = Literal["light", "medium", "heavy"]
"""How much is searched: dspy's budgets of these names are the ceiling."""
Selection = Literal["likely", "strict", "max"]
"""What replaces the program: what beats the baseline with probability ≥ .7, ≥ .97, or whatever is believed best."""
Objective = Literal["score", "tokens", "latency"]
"""What a candidate is wanted for."""
Strategy = Literal["auto", "full", "lora", "prompt", "multitask"]
"""A method, or `multitask`: one student for all predictors by the method that suits; `auto`: whatever suits."""
RationaleMode = Literal["joint", "separate", "answer"]
"""`joint`: reasoning, then the answer, as the teacher wrote it. `separate`: the answer with an empty reasoning, and a
row of its own for the reasoning. `answer`: the answer with an empty reasoning."""
Rationale = Literal["auto", "joint", "separate", "answer"]

BootstrappedDemos = Annotated[int, Meta(ge=0, description="demos a predictor gets from traces")]
LabeledDemos = Annotated[int, Meta(ge=0, description="demos in all, filled up with labelled examples")]


class BootstrapFewShotOptions(Struct, frozen=True, kw_only=True):
    """dspy's first (dspy/teleprompt/bootstrap.py), then ours."""

    max_bootstrapped_demos: BootstrappedDemos = 4
    max_labeled_demos: LabeledDemos = 16
    max_rounds: int = 1
    max_errors: int | None = None
    metric_threshold: float | None = None
    teacher_settings: dict[str, Any] | None = None
    teacher_rounds: Annotated[int, Meta(gt=0, description="how often the improved program teaches again")] = 1
    pool_size: int | None = None
    """Accepted examples gathered before demos are chosen; None: some for each demo."""
    embedder: Any = None
    strict: bool = False


class MIPROv2Options(Struct, frozen=True, kw_only=True):
    """dspy's first (dspy/teleprompt/mipro_optimizer_v2.py), then ours."""

    max_bootstrapped_demos: BootstrappedDemos = 4
    max_labeled_demos: LabeledDemos = 4
    auto: Annotated[AutoMode | None, Meta(description="how much to search: dspy's budgets are the ceiling")] = "light"
    num_candidates: int | None = None
    max_errors: int | None = None
    init_temperature: float = 1.0
    metric_threshold: float | None = None
    teacher_settings: dict[str, Any] | None = None
    num_instructions: Annotated[int | None, Meta(ge=0, description="instructions written for each predictor")] = None
    """None: `num_candidates`, else twenty."""
    selection: Annotated[
        Selection,
        Meta(
            description="ship what beats the baseline with probability 0.7 (likely), 0.97 (strict), or whatever is "
            "best (max)"
        ),
    ] = "max"
    objectives: tuple[Objective, ...] = ("score",)
    max_program_calls: Annotated[int | None, Meta(gt=0, description="a ceiling below that of the mode")] = None
    max_rounds: int = 1
    stop_at_score: float | None = None
    embedder: Any = None


class BootstrapFinetuneOptions(Struct, frozen=True, kw_only=True):
    """dspy's first (dspy/teleprompt/bootstrap_finetune.py), then ours."""

    multitask: bool = True
    train_kwargs: Any = None
    adapter: Any = None
    exclude_demos: bool = False
    strategy: Annotated[
        Strategy,
        Meta(
            description="which weights change: all, low-rank additions, or a soft prompt; multitask: one student for "
            "all predictors; auto: what suits model, data and memory"
        ),
    ] = "auto"
    samples: Annotated[int, Meta(gt=0, description="answers of the teacher to each training example")] = 1
    epochs: Annotated[float | None, Meta(gt=0, description="passes over the training rows")] = None
    learning_rate: Annotated[float | None, Meta(gt=0, title="RATE", description="by default by the strategy")] = None
    metric_threshold: float | None = None
    teacher_settings: dict[str, Any] | None = None
    teacher_demos: int = 4
    """Where a program teaches itself: models small enough to be taught by that follow few demos better than many."""
    use_labels: bool = True
    rationale: Rationale = "auto"
    compare: bool = True
    max_errors: int | None = None
    strict: bool = False


class OptionInfo(Wire, frozen=True, kw_only=True, omit_defaults=True):
    """One keyword of an optimizer, as data."""

    keyword: str
    kind: Literal["whole number", "number", "choice", "flag", "other"]
    choices: list[str] = []
    default: Any = None
    """As the constructor has it."""
    positive: bool = False
    """Of a number: zero is refused too."""
    help: str = ""
    """For the command line. Empty: it has no option of its own there, and is given with `--option`."""
    value: str = "N"
    """What stands for its value in that help."""


def list_options(options: type[Struct]) -> list[OptionInfo]:
    """The fields of a struct of options, in their order."""
    hints = get_type_hints(options, include_extras=True)
    return [_option(field.name, hints[field.name], field.default) for field in structs.fields(options)]


def _option(keyword: str, hint: Any, default: Any) -> OptionInfo:
    plain, *metas = get_args(hint) if get_origin(hint) is Annotated else (hint,)
    meta = metas[0] if metas else Meta()
    kinds = [kind for kind in _members(plain) if kind is not NoneType]
    choices = [choice for kind in kinds if get_origin(kind) is Literal for choice in get_args(kind)]
    names = {int: "whole number", float: "number", bool: "flag"}
    return OptionInfo(
        keyword=keyword,
        kind="choice" if choices else names.get(kinds[0], "other"),  # type: ignore[arg-type]
        choices=choices,
        default=default,
        positive=meta.gt is not None,
        help=meta.description or "",
        value=meta.title or "N",
    )


def _members(hint: Any) -> tuple[Any, ...]:
    return get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)
