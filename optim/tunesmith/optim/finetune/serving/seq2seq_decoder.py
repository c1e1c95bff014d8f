"""An encoder-decoder in the middle of a batch of answers. Runs in torch's inference mode; imports torch."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from transformers import DynamicCache, EncoderDecoderCache
from transformers.modeling_outputs import BaseModelOutput

from tunesmith.optim.finetune.serving.decoding import forward


class Seq2SeqDecoder:
    """`Decoder` of answers to `prompts`, a soft prompt [1, n, d] in front of each."""

    def __init__(self, model: Any, prompts: Sequence[Sequence[int]], soft: Tensor | None, pad: int) -> None:
        self._model = model
        config = model.config.get_text_config(decoder=True)
        self._cache = EncoderDecoderCache(DynamicCache(config=config), DynamicCache(config=config))
        rows, width = len(prompts), max(map(len, prompts))
        ids = torch.full((rows, width), pad)
        mask = torch.zeros((rows, width), dtype=torch.long)
        for row, prompt in enumerate(prompts):
            ids[row, : len(prompt)] = torch.tensor(prompt)
            mask[row, : len(prompt)] = 1
        ids, mask = ids.to(model.device), mask.to(model.device)
        if soft is None:
            encoded = model.get_encoder()(input_ids=ids, attention_mask=mask)
        else:
            embedded = model.get_input_embeddings()(ids)
            embedded = torch.cat([soft.to(embedded.dtype).expand(rows, -1, -1), embedded], dim=1)
            mask = torch.cat([mask.new_ones((rows, soft.shape[1])), mask], dim=1)
            encoded = model.get_encoder()(inputs_embeds=embedded, attention_mask=mask)
        self._encoded: Tensor = encoded.last_hidden_state
        self._mask = mask
        self.advance(torch.full((rows,), model.config.decoder_start_token_id, device=model.device))

    def advance(self, tokens: Tensor) -> None:
        """One token [rows] more of each answer."""
        output = forward(
            self._model,
            cache=self._cache,
            encoder_outputs=BaseModelOutput(last_hidden_state=self._encoded),
            attention_mask=self._mask,
            decoder_input_ids=tokens[:, None],
        )
        self.logits: Tensor = output.logits[:, -1]

    def keep(self, rows: Tensor) -> None:
        """Goes on with these rows, indices into the present ones."""
        self._cache.batch_select_indices(rows)
        self._encoded, self._mask = self._encoded[rows], self._mask[rows]
