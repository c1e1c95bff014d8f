"""A `TrainSpec` carried out: rows in, a student's folder out. What the training process does."""

import hashlib
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec
import torch
from accelerate import Accelerator

from tunesmith.optim.finetune.base_models import architecture_of, load_config, load_model, load_tokenizer
from tunesmith.optim.finetune.batching import BatchLayout, BucketedBatches, Encoded, encode_rows, encode_what_fits
from tunesmith.optim.finetune.prompting import prompting_for
from tunesmith.optim.finetune.rows import Row, read_rows
from tunesmith.optim.finetune.settings import TrainSettings
from tunesmith.optim.finetune.strategies import (
    apply_method,
    enable_checkpointing,
    save_weights,
    takes_task_ids,
    weights_fingerprint,
)
from tunesmith.optim.finetune.training.checkpoint import load_weights
from tunesmith.optim.finetune.training.device import computes_in_bf16, describe_device
from tunesmith.optim.finetune.training.layouts import choose_layout
from tunesmith.optim.finetune.training.loop import Loop
from tunesmith.optim.finetune.training.loss_module import TargetLoss, choose_head
from tunesmith.optim.finetune.training.messages import CHECKPOINTS, Ended, Started, TrainEvent, TrainSpec
from tunesmith.optim.finetune.training.optimizers import default_learning_rate, make_optimizer
from tunesmith.optim.finetune.training.schedule import Schedule
from tunesmith.optim.finetune.training.sharded import is_sharded
from tunesmith.protocol.student import TOKENIZER, Architecture, Student, write_student

STAND_IN_ROWS = 64
"""Training rows that are scored where there are no development rows: they say how well it fits, not how well it
generalises."""


def carry_out(spec: TrainSpec, report: Callable[[TrainEvent], None], should_stop: Callable[[], bool]) -> Ended:
    """Trains and writes the student. Reports everything but `Ended`, which it returns once the student is there.

    Every process of a training calls it; the main one alone reports and writes. Raises `FinetuneError`.
    """
    settings, folder = spec.settings, Path(spec.folder)
    if settings.threads is not None:
        torch.set_num_threads(settings.threads)
    is_bf16 = computes_in_bf16(settings)
    accelerator = Accelerator(mixed_precision="bf16" if is_bf16 else "no")
    tokenizer = load_tokenizer(spec.source)
    config = load_config(spec.source)
    architecture = architecture_of(config, spec.source.name)
    settings = _within_context(settings, config)
    prompting = prompting_for(tokenizer, architecture)
    rows = read_rows(Path(spec.train))
    train, refused = encode_rows(rows, prompting, settings)
    dev, _ = encode_what_fits(read_rows(Path(spec.dev)), prompting, settings)
    dev = dev or train[:STAND_IN_ROWS]
    schedule = Schedule(
        examples=len(train), batch_examples=settings.batch_examples, epochs=settings.epochs, seed=settings.seed
    )

    def build_model() -> Any:
        # What is frozen need not be kept in fp32 to be multiplied in bf16.
        dtype = "bfloat16" if is_bf16 and settings.method != "full" else "float32"
        return apply_method(
            load_model(spec.source, dtype=dtype),
            settings,
            architecture=architecture,
            prompt_text=_instructions(rows, settings),
            tokenizer=tokenizer,
        )

    model = build_model()
    parameters, trainable = _count(model, trained_only=False), _count(model, trained_only=True)
    loss = TargetLoss(model)
    layout, layout_line = _lay_out(loss, train, schedule, settings, architecture, accelerator)
    if settings.activation_checkpointing:
        enable_checkpointing(model)
    rate = settings.learning_rate or default_learning_rate(
        settings, architecture, steps=schedule.steps, parameters=parameters
    )
    prepared, optimizer = accelerator.prepare(loss, make_optimizer(loss, settings, rate))
    loop = Loop(
        accelerator=accelerator,
        model=prepared,
        optimizer=optimizer,
        layout=layout,
        schedule=schedule,
        settings=settings,
        learning_rate=rate,
        train=train,
        dev=dev,
        folder=folder / CHECKPOINTS,
        fingerprint=_fingerprint(spec, settings, train, dev),
        report=report,
        should_stop=should_stop,
    )
    resumed_at = loop.resume()
    if accelerator.is_main_process:
        report(
            Started(
                device=describe_device(accelerator.device, is_bf16),
                parameters=parameters,
                trainable=trainable,
                examples=len(train),
                refused=refused,
                steps=schedule.steps,
                layout=layout_line,
                resumed_at=resumed_at,
            )
        )
    ended = loop.run()
    if accelerator.is_main_process:
        if is_sharded(accelerator):
            model = build_model()
            model.load_state_dict(_unprefixed(load_weights(folder / CHECKPOINTS, ended.best_step)), strict=False)
        _write_student(spec, settings, folder, model, tokenizer, architecture, train)
    accelerator.wait_for_everyone()
    return ended


def _within_context(settings: TrainSettings, config: Any) -> TrainSettings:
    """A row must fit the positions a model has, a soft prompt before it."""
    context = getattr(config.get_text_config(), "max_position_embeddings", None)
    if not context:
        return settings
    room = context - (settings.prompt.tokens if settings.method == "prompt" else 0)
    return msgspec.structs.replace(settings, max_tokens=min(settings.max_tokens, room))


def _instructions(rows: Sequence[Row], settings: TrainSettings) -> str:
    """What each task's prompt begins with."""
    first = {row.predictor: row.messages[0].content for row in reversed(rows) if row.messages}
    return "\n\n".join(first[task] for task in settings.tasks if task in first)


def _lay_out(
    loss: TargetLoss,
    train: Sequence[Encoded],
    schedule: Schedule,
    settings: TrainSettings,
    architecture: Architecture,
    accelerator: Accelerator,
) -> tuple[BatchLayout, str]:
    config = loss.model.config
    starts = (getattr(config, "decoder_start_token_id", None), getattr(config, "pad_token_id", None), 0)
    bucketed = BucketedBatches(
        architecture,
        settings.batch_tokens,
        decoder_start=next(start for start in starts if start is not None),
        with_task_ids=takes_task_ids(settings),
    )
    if is_sharded(accelerator):
        return bucketed, "batches of similar length (the model is spread over processes)"
    loss.to(accelerator.device)
    shortest = sorted(train, key=lambda example: example.tokens)[:2]
    # Each in an autocast of its own: weights cast without gradients would be taken again where gradients are wanted.
    with accelerator.autocast():
        choose_head(loss, bucketed.build(bucketed.plan(shortest)[0], accelerator.device))
    if loss.is_whole:
        return bucketed, "batches of similar length (the model computes its logits in a way of its own)"
    dtype = next(loss.model.parameters()).dtype
    with accelerator.autocast():
        return choose_layout(loss.model, train, schedule, settings, architecture, bucketed, dtype)


def _count(model: Any, *, trained_only: bool) -> int:
    return sum(weight.numel() for weight in model.parameters() if weight.requires_grad or not trained_only)


def _fingerprint(spec: TrainSpec, settings: TrainSettings, train: list[Encoded], dev: list[Encoded]) -> str:
    """Of all that the weights depend on."""
    decisive = msgspec.structs.replace(settings, threads=None, checkpoint_minutes=1.0)
    return hashlib.sha256(msgspec.json.encode([spec.source, decisive, train, dev])).hexdigest()


def _unprefixed(weights: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """From names in a `TargetLoss` to names in its model."""
    return {name.removeprefix("model."): weight for name, weight in weights.items()}


def _write_student(
    spec: TrainSpec,
    settings: TrainSettings,
    folder: Path,
    model: Any,
    tokenizer: Any,
    architecture: Architecture,
    train: Sequence[Encoded],
) -> None:
    weights = save_weights(model, folder, settings)
    tokenizer.save_pretrained(folder / TOKENIZER)
    longest = max(len(example.target) for example in train)
    student = Student(
        source=spec.source,
        architecture=architecture,
        method=settings.method,
        tasks=settings.tasks,
        weights=weights,
        max_new_tokens=longest + longest // 4 + 8,
        fingerprint=weights_fingerprint(folder),
        created=time.time(),
    )
    write_student(folder, student)
