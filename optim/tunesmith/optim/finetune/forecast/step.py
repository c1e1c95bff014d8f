"""What an optimizer step computes: the trainer's own batches, planned for rows of given lengths."""

import torch
from msgspec import Struct

from tunesmith.optim.finetune.batching import Batch, BatchLayout, BucketedBatches, Encoded, PackedBatches, Planned
from tunesmith.optim.finetune.forecast.row_sizes import RowSizes, sample_rows
from tunesmith.optim.finetune.settings import TrainSettings
from tunesmith.optim.finetune.strategies import takes_task_ids
from tunesmith.optim.finetune.training import PAYS
from tunesmith.protocol.student import Architecture

TRIED_ROWS = 3
"""By `packing_is_exact`."""


class Step(Struct, frozen=True, kw_only=True):
    """One optimizer step."""

    layout: BatchLayout
    batches: list[Planned]
    examples: int

    @property
    def is_packed(self) -> bool:
        """Rows that share a prefix are computed behind one copy of it."""
        return isinstance(self.layout, PackedBatches)

    @property
    def tokens(self) -> int:
        """Computed, padding included."""
        return sum(batch.padded_tokens for batch in self.batches)

    @property
    def target_tokens(self) -> int:
        """Those that are trained on."""
        return sum(len(example.target) for batch in self.batches for example in batch.examples)

    def largest(self) -> Planned:
        """The batch that memory has to hold."""
        return max(self.batches, key=lambda batch: batch.padded_tokens)

    def build(self, planned: Planned, device: torch.device) -> Batch:
        """Its tensors, as a training builds them."""
        return self.layout.build(planned, device)


def usual_step(sizes: RowSizes, settings: TrainSettings, architecture: Architecture, dtype: torch.dtype) -> Step:
    """Of rows of mean length. `dtype` is that of the model's weights."""
    return _step(sizes, sizes.prompt_tokens, settings, architecture, dtype)


def largest_step(sizes: RowSizes, settings: TrainSettings, architecture: Architecture, dtype: torch.dtype) -> Step:
    """Of long rows: what memory has to hold."""
    return _step(sizes, sizes.longest_prompt, settings, architecture, dtype)


def trial_step(sizes: RowSizes, settings: TrainSettings) -> Step:
    """The rows on which a trainer tries packing, one by one in a single pass."""
    target = max(1, min(sizes.target_tokens, settings.max_tokens - 1))
    prompt = max(1, min(sizes.longest_prompt, settings.max_tokens - target))
    rows = sample_rows(min(TRIED_ROWS, sizes.count), prompt=prompt, target=target, shared=0)
    layout = BucketedBatches("causal", TRIED_ROWS * (prompt + target))
    return Step(layout=layout, batches=layout.plan(rows), examples=len(rows))


def _step(
    sizes: RowSizes, prompt: int, settings: TrainSettings, architecture: Architecture, dtype: torch.dtype
) -> Step:
    target = max(1, min(sizes.target_tokens, settings.max_tokens - 1))
    rows = sample_rows(
        min(settings.batch_examples, sizes.count),
        prompt=max(1, min(prompt, settings.max_tokens - target)),
        target=target,
        shared=sizes.shared_prefix,
    )
    layout = _layout(rows, settings, architecture, dtype)
    return Step(layout=layout, batches=layout.plan(rows), examples=len(rows))


def _layout(
    rows: list[Encoded], settings: TrainSettings, architecture: Architecture, dtype: torch.dtype
) -> BatchLayout:
    """As the trainer chooses, taking for granted that the model computes packed rows exactly."""
    bucketed = BucketedBatches(architecture, settings.batch_tokens, with_task_ids=takes_task_ids(settings))
    if architecture == "seq2seq" or settings.method == "prompt" or settings.packing == "off":
        return bucketed
    packed = PackedBatches(settings.batch_tokens, dtype)
    tokens = {layout: sum(batch.padded_tokens for batch in layout.plan(rows)) for layout in (bucketed, packed)}
    return packed if tokens[bucketed] >= PAYS * tokens[packed] else bucketed
