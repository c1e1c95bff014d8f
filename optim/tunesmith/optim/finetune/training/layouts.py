"""How a training lays its batches out: behind shared prefixes where that is exact and pays, else by length."""

from collections.abc import Sequence

import torch
from torch import nn

from tunesmith.optim.finetune.batching import BatchLayout, BucketedBatches, Encoded, PackedBatches
from tunesmith.optim.finetune.settings import TrainSettings
from tunesmith.optim.finetune.training.packing_check import packing_is_exact
from tunesmith.optim.finetune.training.schedule import Schedule
from tunesmith.protocol.student import Architecture

PAYS = 1.2
"""Times fewer tokens from which packing is worth its mask, which keeps attention from its fastest kernels."""
SAMPLED_STEPS = 20


def choose_layout(
    model: nn.Module,
    encoded: Sequence[Encoded],
    schedule: Schedule,
    settings: TrainSettings,
    architecture: Architecture,
    bucketed: BucketedBatches,
    dtype: torch.dtype,
) -> tuple[BatchLayout, str]:
    """The layout, and for people what it is and why. `model` is on its device, `dtype` that of its weights.

    To be called within the autocast that training computes in: two rows are computed both ways before packing is used.
    """
    by_length = "batches of similar length"
    if architecture == "seq2seq":
        return bucketed, f"{by_length} (an encoder-decoder)"
    if settings.method == "prompt":
        return bucketed, f"{by_length} (a soft prompt stands before every row)"
    if settings.packing == "off":
        return bucketed, f"{by_length} (packing is off)"
    packed = PackedBatches(settings.batch_tokens, dtype)
    saving = _saving(packed, bucketed, encoded, schedule)
    if saving < PAYS:
        return bucketed, f"{by_length} (packing would compute only {saving:.1f} times fewer tokens)"
    is_exact, why = packing_is_exact(model, encoded)
    if not is_exact:
        return bucketed, f"{by_length} ({why})"
    return packed, f"packed behind shared prefixes ({saving:.1f} times fewer tokens; {why})"


def _saving(packed: BatchLayout, bucketed: BatchLayout, encoded: Sequence[Encoded], schedule: Schedule) -> float:
    """Times fewer tokens in the first steps, padding included."""
    computed = {packed: 0, bucketed: 0}
    for step in range(min(schedule.steps, SAMPLED_STEPS)):
        examples = [encoded[index] for index in schedule.examples_of(step)]
        for layout in computed:
            computed[layout] += sum(planned.padded_tokens for planned in layout.plan(examples))
    return computed[bucketed] / computed[packed]
