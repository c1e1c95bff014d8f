"""The loss of target tokens: the language-model head meets their positions only, a slice at a time, in fp32.

A head over a prompt of 400 tokens and a vocabulary of 50,000 costs more than a small model's layers, and
nothing of it is trained on.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy
from torch.utils.checkpoint import checkpoint

from tunesmith.optim.finetune.batching import PackedBatch

LOGITS_AT_ONCE = 1 << 25
"""Logits held in fp32 at once: 128 MiB, and as much again for their gradient."""


def final_hidden(model: nn.Module, **inputs: Any) -> Tensor:
    """Hidden states as they enter the head: [batch, length, d] at the positions of `input_ids`, or for an
    encoder-decoder of `decoder_input_ids`.

    `model` is a transformers model or a peft model around one; `inputs` are its forward's, `task_ids` [batch] among
    them for multi-task prompts. Soft prompts are put in front here, and their positions are left out of the result;
    `attention_mask` is then [batch, length] or absent.
    """
    bare_inputs, before = prompted(model, inputs)
    return _hidden(without_wrapper(model), use_cache=False, **bare_inputs)[:, before:]


def prompted(model: nn.Module, inputs: Mapping[str, Any]) -> tuple[dict[str, Any], int]:
    """Inputs of the model without its wrapper, a soft prompt put in front where there is one; and how many positions
    of the output come before those of `inputs`."""
    inputs = dict(inputs)
    task_ids = inputs.pop("task_ids", None)
    if not (hasattr(model, "peft_config") and model.active_peft_config.is_prompt_learning):
        return inputs, 0
    batch, virtual = inputs["input_ids"].shape[0], model.active_peft_config.num_virtual_tokens
    prompts = model.get_prompt(batch_size=batch, task_ids=task_ids)[:, :virtual]
    embedded = without_wrapper(model).get_input_embeddings()(inputs.pop("input_ids"))
    inputs["inputs_embeds"] = torch.cat([prompts.to(embedded.dtype), embedded], dim=1)
    if inputs.get("attention_mask") is not None:
        mask = inputs["attention_mask"]
        inputs["attention_mask"] = torch.cat([mask.new_ones(batch, virtual), mask], dim=1)
    # The encoder alone is prompted, as in peft's `generate`; peft's `forward` would prompt the decoder too in
    # multi-task tuning, and learn what is never used.
    return inputs, 0 if "decoder_input_ids" in inputs else virtual


def target_nll(model: nn.Module, hidden_at_targets: Tensor, labels: Tensor) -> Tensor:
    """Sum of the negative log-likelihoods, in nats and fp32, of `labels` [n] given `hidden_at_targets` [n, d]."""

    def of_slice(hidden: Tensor, slice_labels: Tensor) -> Tensor:
        return cross_entropy(target_logits(model, hidden), slice_labels, reduction="sum")

    slices = list(_slices(model, hidden_at_targets, labels))
    if len(slices) == 1:
        return of_slice(*slices[0])
    total = hidden_at_targets.new_zeros((), dtype=torch.float32)
    for hidden, slice_labels in slices:
        # Logits of a slice are computed again on the way back, so that only one slice's are ever held.
        total = total + checkpoint(of_slice, hidden, slice_labels, use_reentrant=False)
    return total


def packed_nll(model: nn.Module, batch: PackedBatch) -> Tensor:
    """Sum over the batch's target tokens of their negative log-likelihoods, in nats: what the examples one by one
    would sum to."""
    hidden = final_hidden(
        model,
        input_ids=batch.input_ids,
        position_ids=batch.position_ids,
        attention_mask=batch.attention_mask,
    )
    return target_nll(model, hidden.flatten(0, 1)[batch.predictors], batch.labels)


def target_scores(model: nn.Module, hidden_at_targets: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
    """Of each target token: its negative log-likelihood [n], and whether it is the likeliest [n]. No gradients."""
    losses, likeliest = [], []
    with torch.no_grad():
        for hidden, slice_labels in _slices(model, hidden_at_targets, labels):
            logits = target_logits(model, hidden)
            losses.append(cross_entropy(logits, slice_labels, reduction="none"))
            likeliest.append(logits.argmax(dim=-1) == slice_labels)
    return torch.cat(losses), torch.cat(likeliest)


def target_logits(model: nn.Module, hidden: Tensor) -> Tensor:
    """Logits [n, vocabulary] in fp32, with what models of some families do to them after the head."""
    bare = without_wrapper(model)
    logits = bare.get_output_embeddings()(hidden).float()
    config = bare.config.get_text_config()
    scale = getattr(config, "logit_scale", None)  # Cohere
    if scale is not None:
        logits = logits * scale
    divisor = getattr(config, "logits_scaling", None)  # Granite
    if divisor is not None:
        logits = logits / divisor
    cap = getattr(config, "final_logit_softcapping", None)  # Gemma 2 and later
    if cap is not None:
        logits = torch.tanh(logits / cap) * cap
    return logits


def without_wrapper(model: nn.Module) -> Any:
    """The transformers model, with peft's layers in it but not around it."""
    return model.get_base_model() if hasattr(model, "peft_config") else model


def _hidden(bare: Any, **inputs: Any) -> Tensor:
    body = getattr(bare, bare.base_model_prefix, None)
    if body is not None:
        hidden: Tensor = body(**inputs).last_hidden_state
        return hidden
    decoder_inputs = {name.removeprefix("decoder_"): inputs.pop(name) for name in list(inputs) if "decoder_" in name}
    inputs.pop("use_cache")
    encoded = bare.get_encoder()(**inputs).last_hidden_state
    hidden = bare.get_decoder()(
        encoder_hidden_states=encoded,
        encoder_attention_mask=inputs.get("attention_mask"),
        use_cache=False,
        **decoder_inputs,
    ).last_hidden_state
    # T5 v1.0, whose head is its embedding.
    is_scaled = getattr(bare.config, "scale_decoder_outputs", False)
    return hidden * bare.config.d_model**-0.5 if is_scaled else hidden


def _slices(model: nn.Module, hidden: Tensor, labels: Tensor) -> Iterator[tuple[Tensor, Tensor]]:
    vocabulary = without_wrapper(model).config.get_text_config().vocab_size
    rows = max(LOGITS_AT_ONCE // vocabulary, 1)
    yield from zip(hidden.split(rows), labels.split(rows), strict=True)
