"""A `TrainSpec` carried out: rows in, a student's folder out. What the training process does."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from accelerate import Accelerator

from tunesmith.optim.finetune.base_models import load_model
from tunesmith.optim.finetune.batching import BatchLayout, BucketedBatches
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
from tunesmith.optim.finetune.training.material import Material, read_material
from tunesmith.optim.finetune.training.messages import CHECKPOINTS, Ended, Started, TrainEvent, TrainSpec
from tunesmith.optim.finetune.training.optimizers import default_learning_rate, make_optimizer
from tunesmith.optim.finetune.training.sharded import is_sharded
from tunesmith.protocol.student import TOKENIZER, Student, write_student


def carry_out(spec: TrainSpec, report: Callable[[TrainEvent], None], should_stop: Callable[[], bool]) -> Ended:
    """Trains and writes the student. Reports everything but `Ended`, which it returns once the student is there.

    Every process of a training calls it; the main one alone reports and writes. Raises `FinetuneError`.
    """
    if spec.settings.threads is not None:
        torch.set_num_threads(spec.settings.threads)
    is_bf16 = computes_in_bf16(spec.settings)
    accelerator = Accelerator(mixed_precision="bf16" if is_bf16 else "no")
    material = read_material(spec)
    settings, schedule, checkpoints = material.settings, material.schedule, Path(spec.folder) / CHECKPOINTS
    model = _build_model(material, is_bf16)
    parameters, trainable = _count(model, trained_only=False), _count(model, trained_only=True)
    loss = TargetLoss(model)
    layout, layout_line = _lay_out(loss, material, accelerator)
    if settings.activation_checkpointing:
        enable_checkpointing(model)
    rate = settings.learning_rate or default_learning_rate(
        settings, material.architecture, steps=schedule.steps, parameters=parameters
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
        train=material.train,
        dev=material.dev,
        folder=checkpoints,
        fingerprint=material.fingerprint,
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
                examples=len(material.train),
                refused=material.refused,
                steps=schedule.steps,
                layout=layout_line,
                resumed_at=resumed_at,
            )
        )
    ended = loop.run()
    if accelerator.is_main_process:
        if is_sharded(accelerator):
            model = _build_model(material, is_bf16)
            model.load_state_dict(_unprefixed(load_weights(checkpoints, ended.best_step)), strict=False)
        _write_student(material, model, Path(spec.folder))
    accelerator.wait_for_everyone()
    return ended


def _build_model(material: Material, is_bf16: bool) -> Any:
    settings = material.settings
    # What is frozen need not be kept in fp32 to be multiplied in bf16.
    dtype = "bfloat16" if is_bf16 and settings.method != "full" else "float32"
    return apply_method(
        load_model(material.source, dtype=dtype),
        settings,
        architecture=material.architecture,
        prompt_text=material.instructions,
        tokenizer=material.tokenizer,
    )


def _lay_out(loss: TargetLoss, material: Material, accelerator: Accelerator) -> tuple[BatchLayout, str]:
    config, settings, train = loss.model.config, material.settings, material.train
    starts = (getattr(config, "decoder_start_token_id", None), getattr(config, "pad_token_id", None), 0)
    bucketed = BucketedBatches(
        material.architecture,
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
        return choose_layout(loss.model, train, material.schedule, settings, material.architecture, bucketed, dtype)


def _count(model: Any, *, trained_only: bool) -> int:
    return sum(weight.numel() for weight in model.parameters() if weight.requires_grad or not trained_only)


def _unprefixed(weights: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """From names in a `TargetLoss` to names in its model."""
    return {name.removeprefix("model."): weight for name, weight in weights.items()}


def _write_student(material: Material, model: Any, folder: Path) -> None:
    weights = save_weights(model, folder, material.settings)
    material.tokenizer.save_pretrained(folder / TOKENIZER)
    longest = max(len(example.target) for example in material.train)
    student = Student(
        source=material.source,
        architecture=material.architecture,
        method=material.settings.method,
        tasks=material.settings.tasks,
        weights=weights,
        max_new_tokens=longest + longest // 4 + 8,
        fingerprint=weights_fingerprint(folder),
        created=time.time(),
    )
    write_student(folder, student)
