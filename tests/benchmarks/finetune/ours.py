"""Our training loop on a workload, packed or bucketed by length."""

import contextlib
import tempfile
from pathlib import Path
from typing import Literal

import torch
from accelerate import Accelerator

from benchmarks.finetune.step_clock import Speed, StepClock
from benchmarks.finetune.workload import LEARNING_RATE, SEED, Workload, architecture_of, build_model, examples_of
from tunesmith.optim.finetune.batching.batches import BatchLayout, BucketedBatches
from tunesmith.optim.finetune.batching.encoding import Encoded
from tunesmith.optim.finetune.settings import TrainSettings
from tunesmith.optim.finetune.training.layouts import choose_layout
from tunesmith.optim.finetune.training.loop import Loop
from tunesmith.optim.finetune.training.loss_module import TargetLoss
from tunesmith.optim.finetune.training.optimizers import make_optimizer
from tunesmith.optim.finetune.training.schedule import Schedule


class MeasuredEnough(Exception):
    """Ends the loop before it scores and saves."""


def settings_of(workload: Workload, packing: Literal["auto", "off"]) -> TrainSettings:
    return TrainSettings(
        method=workload.method,
        tasks=["module"],
        epochs=2,  # the clock ends it long before
        learning_rate=LEARNING_RATE,
        batch_examples=workload.batch_examples,
        batch_tokens=workload.batch_tokens,
        evaluations=1,
        seed=SEED,
        precision=workload.precision,
        optimizer="adamw-fused",
        packing=packing,
        checkpoint_minutes=1e6,
    )


def train(workload: Workload, packing: Literal["auto", "off"]) -> Speed:
    examples, settings = examples_of(workload), settings_of(workload, packing)
    architecture = architecture_of(workload)
    accelerator = Accelerator(cpu=workload.device == "cpu", mixed_precision=_mixed(workload))
    loss = TargetLoss(build_model(workload))
    schedule = Schedule(
        examples=len(examples), batch_examples=settings.batch_examples, epochs=settings.epochs, seed=settings.seed
    )
    bucketed = BucketedBatches(architecture, settings.batch_tokens)
    with accelerator.autocast():
        layout, told = choose_layout(loss.model, examples, schedule, settings, architecture, bucketed, torch.float32)
        loss_before = _mean_loss(loss, layout, examples[: workload.batch_examples], accelerator.device)
    if accelerator.device.type == "cuda":
        torch.cuda.reset_peak_memory_stats()
    clock = StepClock(workload)

    def after_each_step() -> bool:
        clock.tick()
        if clock.is_done:
            raise MeasuredEnough
        return False

    prepared, optimizer = accelerator.prepare(loss, make_optimizer(loss, settings, LEARNING_RATE))
    with tempfile.TemporaryDirectory() as folder:
        loop = Loop(
            accelerator=accelerator,
            model=prepared,
            optimizer=optimizer,
            layout=layout,
            schedule=schedule,
            settings=settings,
            learning_rate=LEARNING_RATE,
            train=examples,
            dev=examples[:1],
            folder=Path(folder),
            fingerprint="",
            report=lambda _: None,
            should_stop=after_each_step,
        )
        with contextlib.suppress(MeasuredEnough):
            loop.run()
    planned = [
        part
        for step in range(workload.all_steps)
        for part in layout.plan([examples[index] for index in schedule.examples_of(step)])
    ]
    return clock.speed(
        tokens=sum(example.tokens for example in examples) / len(examples),
        computed_tokens=sum(part.padded_tokens for part in planned) / len(examples),
        loss_before=loss_before,
        layout=told,
    )


def _mixed(workload: Workload) -> str:
    return "bf16" if workload.precision == "bf16" else "no"


@torch.no_grad()
def _mean_loss(loss: TargetLoss, layout: BatchLayout, examples: list[Encoded], device: torch.device) -> float:
    loss.eval()
    batches = [layout.build(part, device) for part in layout.plan(examples)]
    total = sum(loss(batch.inputs, batch.predictors, batch.labels).item() for batch in batches)
    return total / sum(batch.target_tokens for batch in batches)
