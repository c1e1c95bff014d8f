"""A training in numbers: what its memory and time are computed from."""

from typing import Any

import torch
from msgspec import Struct

from tunesmith.optim.finetune.base_models import ModelDescription
from tunesmith.optim.finetune.forecast.flops import forward_flops, training_flops
from tunesmith.optim.finetune.forecast.row_sizes import RowSizes
from tunesmith.optim.finetune.forecast.simulation import Activations, Weights, activations_of, weights_of
from tunesmith.optim.finetune.forecast.step import largest_step, trial_step, usual_step
from tunesmith.optim.finetune.settings import TrainSettings
from tunesmith.optim.finetune.training import Schedule


class Workload(Struct, frozen=True, kw_only=True):
    """One training of one model by one method."""

    description: ModelDescription
    settings: TrainSettings
    is_bf16: bool
    """What it computes in."""
    weights: Weights
    activations: Activations
    """Of the largest batch."""
    trial_bytes: int
    """Beside the weights, while packing is tried before the first step; 0 where it is not."""
    allocated_bytes: int
    """By a usual step."""
    flops: float
    """Of a usual step."""
    scoring_flops: float
    """Of the same rows without their way back."""
    tokens: int
    """Of a usual step, padding included."""
    batches: int
    """Of a usual step."""
    most_batches: int
    """Of a step of long rows."""
    examples: int
    """Of a step."""
    steps: int
    scorings: int
    is_packed: bool


def measure_workload(
    config: Any, description: ModelDescription, settings: TrainSettings, sizes: RowSizes, *, is_bf16: bool
) -> Workload:
    """On the meta device and on fake tensors: exact for batches of these sizes, in a second or two, without weights.

    `config` is the transformers configuration that `description` describes.
    """
    dtype = torch.bfloat16 if is_bf16 and settings.method != "full" else torch.float32
    usual = usual_step(sizes, settings, description.architecture, dtype)
    largest = largest_step(sizes, settings, description.architecture, dtype)
    activations = activations_of(config, settings, largest, is_bf16=is_bf16)
    trial = 0
    if largest.is_packed:
        # Tried in fp32 also where training is not.
        tried = trial_step(sizes, settings)
        trial = activations_of(config, settings, tried, is_bf16=is_bf16, autocast=False).peak
    schedule = Schedule(
        examples=sizes.count, batch_examples=settings.batch_examples, epochs=settings.epochs, seed=settings.seed
    )
    return Workload(
        description=description,
        settings=settings,
        is_bf16=is_bf16,
        weights=weights_of(config, settings, is_bf16=is_bf16),
        activations=activations,
        trial_bytes=trial,
        allocated_bytes=round(activations.allocated * usual.tokens / largest.largest().padded_tokens),
        flops=training_flops(description, settings, usual),
        scoring_flops=forward_flops(description, settings, usual),
        tokens=usual.tokens,
        batches=len(usual.batches),
        most_batches=len(largest.batches),
        examples=usual.examples,
        steps=schedule.steps,
        scorings=len(schedule.evaluated_after(settings.evaluations)),
        is_packed=usual.is_packed,
    )
