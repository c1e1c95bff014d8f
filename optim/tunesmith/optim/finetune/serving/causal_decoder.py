"""A causal model in the middle of a batch of texts that begin alike. Runs in torch's inference mode; imports torch.

What all rows share stands once in the cache and is computed once; what follows is padded on the left, masked, and
numbered as if the padding were not there.
"""

import copy
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from transformers import DynamicCache

from tunesmith.optim.finetune.serving.decoding import forward


def prefix_cache(model: Any, prefix: Sequence[int], soft: Tensor | None) -> Any:
    """The model's keys and values of a beginning: soft prompt [1, n, d] first, then tokens; for one row.

    None where both are empty.
    """
    if not prefix and soft is None:
        return None
    ids = torch.tensor([prefix], dtype=torch.long, device=model.device)
    if soft is None:
        inputs = {"input_ids": ids}
    else:
        embedded = model.get_input_embeddings()(ids)
        inputs = {"inputs_embeds": torch.cat([soft.to(embedded.dtype), embedded], dim=1)}
    cache = DynamicCache(config=model.config)
    forward(model, cache=cache, **inputs)
    return cache


class CausalDecoder:
    """`Decoder` of rows that go on from `cache` (of one row; it is copied) with their `suffixes`, none empty."""

    def __init__(self, model: Any, cache: Any, suffixes: Sequence[Sequence[int]], pad: int) -> None:
        self._model = model
        self._cache = DynamicCache(config=model.config) if cache is None else copy.deepcopy(cache)
        shared = self._cache.get_seq_length()
        rows, width = len(suffixes), max(map(len, suffixes))
        if shared and rows > 1:
            self._cache.batch_repeat_interleave(rows)
        ids = torch.full((rows, width), pad)
        own = torch.zeros((rows, width), dtype=torch.long)
        for row, suffix in enumerate(suffixes):
            ids[row, width - len(suffix) :] = torch.tensor(suffix)
            own[row, width - len(suffix) :] = 1
        positions = shared + (own.cumsum(dim=1) - 1).clamp(min=0)
        self._mask = torch.cat([torch.ones((rows, shared), dtype=torch.long), own], dim=1).to(model.device)
        self._next = positions[:, -1].to(model.device) + 1
        self._forward(ids.to(model.device), positions.to(model.device))

    def advance(self, tokens: Tensor) -> None:
        """One token [rows] more of each text."""
        self._mask = torch.cat([self._mask, self._mask.new_ones((len(tokens), 1))], dim=1)
        self._forward(tokens[:, None], self._next[:, None])
        self._next = self._next + 1

    def keep(self, rows: Tensor) -> None:
        """Goes on with these rows, indices into the present ones."""
        self._cache.batch_select_indices(rows)
        self._mask, self._next = self._mask[rows], self._next[rows]

    def _forward(self, ids: Tensor, positions: Tensor) -> None:
        output = forward(
            self._model, cache=self._cache, input_ids=ids, attention_mask=self._mask, position_ids=positions
        )
        self.logits: Tensor = output.logits[:, -1]
