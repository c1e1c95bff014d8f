"""Packed rows as tensors, and as the batches of a training."""

from collections.abc import Sequence
from itertools import chain
from typing import NamedTuple

import torch
from torch import Tensor

from tunesmith.optim.finetune.batching.batches import Batch, Planned
from tunesmith.optim.finetune.batching.encoding import Encoded
from tunesmith.optim.finetune.batching.packed_rows import PackedRow, plan_rows


class PackedBatch(NamedTuple):
    """Inputs of one forward pass: b rows, padded to the longest one's n tokens, with m target tokens in all."""

    input_ids: Tensor
    """[b, n]"""
    position_ids: Tensor
    """[b, n], each token's place in its own example."""
    attention_mask: Tensor
    """[b, 1, n, n], added to the attention scores: 0 where a query sees a key, else minus infinity."""
    predictors: Tensor
    """[m], indices into the b · n outputs: where each target token is predicted."""
    labels: Tensor
    """[m]"""


def packed_batch(
    rows: Sequence[PackedRow], *, dtype: torch.dtype = torch.float32, device: torch.device | str = "cpu"
) -> PackedBatch:
    """The rows' tensors on `device`; `dtype` is that of the attention mask, and has to be the model's."""
    longest = max(len(row.tokens) for row in rows)
    # A padding token sees itself alone, so that no softmax is over nothing, and nothing sees it.
    visible_until = _padded([row.visible_until for row in rows], range(1, longest + 1), device)
    index = torch.arange(longest, device=device)
    is_seen = (index[None, :, None] >= index[None, None, :]) & (index[None, :, None] < visible_until[:, None, :])
    mask = torch.zeros(is_seen.shape, dtype=dtype, device=device).masked_fill_(~is_seen, float("-inf"))
    return PackedBatch(
        input_ids=_padded([row.tokens for row in rows], [0] * longest, device),
        position_ids=_padded([row.positions for row in rows], [0] * longest, device),
        attention_mask=mask[:, None],
        predictors=torch.tensor(
            [number * longest + place for number, row in enumerate(rows) for place in row.predictors], device=device
        ),
        labels=torch.tensor(list(chain.from_iterable(row.labels for row in rows)), device=device),
    )


class PackedBatches:
    """One packed row of at most `batch_tokens` tokens a batch. `dtype` is that of the model's weights."""

    def __init__(self, batch_tokens: int, dtype: torch.dtype) -> None:
        self._batch_tokens = batch_tokens
        self._dtype = dtype

    def plan(self, examples: Sequence[Encoded]) -> list[Planned]:
        """Rows as `plan_rows` cuts them; `tokens` and `padded_tokens` are equal, for nothing is padded."""
        rows = plan_rows(examples, self._batch_tokens)
        return [
            Planned([examples[index] for index in row.examples], len(row.tokens), len(row.tokens), row) for row in rows
        ]

    def build(self, planned: Planned, device: torch.device) -> Batch:
        """`input_ids` and `position_ids` [1, n], `attention_mask` [1, 1, n, n]."""
        assert isinstance(planned.content, PackedRow)
        packed = packed_batch([planned.content], dtype=self._dtype, device=device)
        return Batch(
            {
                "input_ids": packed.input_ids,
                "position_ids": packed.position_ids,
                "attention_mask": packed.attention_mask,
            },
            packed.predictors,
            packed.labels,
            [len(example.target) for example in planned.examples],
        )


def _padded(values: Sequence[Sequence[int]], padding: Sequence[int], device: torch.device | str) -> Tensor:
    return torch.tensor([[*row, *padding[len(row) :]] for row in values], device=device)
