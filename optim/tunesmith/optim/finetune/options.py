"""From what a user writes of training to `TrainSettings`: our names, and those of dspy and TRL (`train_kwargs`)."""

from collections.abc import Mapping
from typing import Any, get_args

import msgspec
from msgspec import Struct
from msgspec.structs import fields

from tunesmith.optim.finetune.settings import LoraSettings, PromptSettings, TrainSettings
from tunesmith.protocol import Strategy
from tunesmith.protocol.student import Method

STRATEGIES: tuple[Strategy, ...] = get_args(Strategy)
METHODS: tuple[Method, ...] = get_args(Method)

_SYNONYMS = {
    "num_train_epochs": "epochs",
    "lr": "learning_rate",
    "max_length": "max_tokens",
    "max_seq_length": "max_tokens",
    "warmup_ratio": "warmup",
    "warmup_steps": "warmup",
    "r": "rank",
    "lora_r": "rank",
    "lora_alpha": "alpha",
    "lora_dropout": "dropout",
    "use_rslora": "rslora",
    "use_dora": "dora",
    "num_virtual_tokens": "tokens",
    "n_epochs": "epochs",
    "batch_size": "batch_examples",
}
_SILENT = frozenset({"device", "output_dir", "logging_steps", "save_steps", "eval_steps", "report_to", "use_peft"})
"""Keys of other trainers that say nothing here: the device is found, files and events have their places."""
_REPLACED = {
    "per_device_train_batch_size": "batch_examples, the examples of an optimizer step",
    "gradient_accumulation_steps": "batch_examples, the examples of an optimizer step",
    "fp16": "precision='bf16': T5 overflows in fp16",
    "bf16": "precision='bf16'",
    "gradient_checkpointing": "activation_checkpointing=True, which costs time, and only where memory needs it",
}

_LORA = {field.name for field in fields(LoraSettings)}
_PROMPT = {field.name for field in fields(PromptSettings)}
_OWN = {field.name for field in fields(TrainSettings)} - {"tasks", "method", "lora", "prompt"}


class TrainingRequest(Struct, frozen=True, kw_only=True):
    """What a user asked of the training of their students."""

    strategy: Strategy = "auto"
    multitask: bool = True
    """One student for all predictors, where `strategy` does not say otherwise: dspy's argument."""
    options: Mapping[str, Any] = {}
    """Of `training_options`."""


def training_options(given: Mapping[str, Any]) -> dict[str, Any]:
    """Fields of `TrainSettings` other than `tasks` and `method`, from keywords of ours and of other trainers.

    `per_device_train_batch_size` times `gradient_accumulation_steps` is `batch_examples`. Raises `ValueError` for a
    keyword that means nothing here, or a value that does not fit, naming it.
    """
    found: dict[str, Any] = {}
    lora: dict[str, Any] = {}
    prompt: dict[str, Any] = {}
    for name, value in given.items():
        known = _SYNONYMS.get(name, name)
        if known in _OWN:
            found[known] = value
        elif known in _LORA:
            lora[known] = value
        elif known in _PROMPT:
            prompt[known] = value
        elif known in ("per_device_train_batch_size", "gradient_accumulation_steps"):
            found["batch_examples"] = found.get("batch_examples", 1) * int(value)
        elif known == "bf16":
            found["precision"] = "bf16" if value else "fp32"
        elif known not in _SILENT:
            instead = f" Use {_REPLACED[known]}." if known in _REPLACED else ""
            raise ValueError(
                f"{name} is no training option here.{instead} There are: {', '.join(sorted(_OWN | _LORA | _PROMPT))}."
            )
    try:
        if lora:
            found["lora"] = msgspec.convert(lora, LoraSettings)
        if prompt:
            found["prompt"] = msgspec.convert(prompt, PromptSettings)
        checked = msgspec.convert({**msgspec.to_builtins(found), "tasks": []}, TrainSettings)
    except msgspec.ValidationError as error:
        raise ValueError(f"A training option does not fit: {error}.") from None
    _check_ranges(checked)
    return {name: getattr(checked, name) for name in found}


def wants_lora(given: Mapping[str, Any]) -> bool:
    """Whether these `train_kwargs` ask for LoRA in dspy's way, `use_peft`."""
    return bool(given.get("use_peft"))


def _check_ranges(settings: TrainSettings) -> None:
    positive = {
        "epochs": settings.epochs,
        "batch_examples": settings.batch_examples,
        "batch_tokens": settings.batch_tokens,
        "max_tokens": settings.max_tokens,
        "evaluations": settings.evaluations,
        "patience": settings.patience,
        "rank": settings.lora.rank,
        "tokens": settings.prompt.tokens,
        "checkpoint_minutes": settings.checkpoint_minutes,
    }
    if settings.learning_rate is not None:
        positive["learning_rate"] = settings.learning_rate
    for name, value in positive.items():
        if not 0 < value < float("inf"):
            raise ValueError(f"{name} must be above 0, not {value}.")
    if not 0 <= settings.warmup < 1:
        raise ValueError(f"warmup is a share of the steps, at least 0 and below 1, not {settings.warmup}.")
