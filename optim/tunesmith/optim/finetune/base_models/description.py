"""What a model is, in numbers, from its configuration alone: its layers are laid out without memory for weights.

The linear ones are what LoRA adds to.
"""

from typing import Any

from msgspec import Struct

from tunesmith.optim.finetune.base_models.loading import architecture_of, model_from_config
from tunesmith.protocol.student import Architecture

T5S = frozenset(("t5", "mt5", "umt5", "longt5"))
"""Families whose `n_positions` is what they were trained with, not a bound."""


class LinearModule(Struct, frozen=True):
    """One linear layer."""

    name: str
    """In `named_modules()`."""
    inputs: int
    outputs: int
    """Widths: its weight has `inputs` times `outputs` parameters."""


class ModelDescription(Struct, frozen=True, kw_only=True):
    """A text generator in numbers. Widths and the vocabulary are counted in elements."""

    name: str
    architecture: Architecture
    model_type: str
    """The family in transformers' words: llama, qwen2, t5, …"""
    parameters: int
    """In all, tied ones once."""
    embedding_parameters: int
    """Of the token embeddings; a head that is tied to them has no parameters of its own."""
    head_parameters: int
    """Of an untied language-model head; 0 where it is tied."""
    layers: int
    """Of the decoder."""
    encoder_layers: int
    """0 for a causal model."""
    hidden: int
    feed_forward: int
    """Width inside a layer's feed-forward part."""
    heads: int
    kv_heads: int
    head_width: int
    vocabulary: int
    is_tied: bool
    """Whether the head is the embedding."""
    context: int | None
    """Most positions it was made for; None where positions are relative and any length works (T5)."""
    linears: list[LinearModule]
    """Every linear layer but the head."""

    def lora_parameters(self, rank: int) -> int:
        """Parameters LoRA adds at this rank to every linear layer."""
        return sum(rank * (linear.inputs + linear.outputs) for linear in self.linears)


def description_of(config: Any, name: str | None = None) -> ModelDescription:
    """Of any transformers configuration of a text generator, counted on the meta device; `name` is what it is called.

    Raises `ModelUnsupported`, `ExtraMissing`.
    """
    name = name or config.name_or_path or config.model_type
    architecture = architecture_of(config, name)
    import torch

    with torch.device("meta"):
        model = model_from_config(config)
    text = config.get_text_config()
    head = model.get_output_embeddings().weight
    embedding = model.get_input_embeddings().weight
    is_tied = head is embedding
    heads = text.num_attention_heads
    return ModelDescription(
        name=name,
        architecture=architecture,
        model_type=config.model_type,
        parameters=sum(parameter.numel() for parameter in model.parameters()),
        embedding_parameters=embedding.numel(),
        head_parameters=0 if is_tied else head.numel(),
        layers=_first(text, "num_decoder_layers", "decoder_layers", "num_hidden_layers"),
        encoder_layers=_first(text, "encoder_layers", "num_layers") if architecture == "seq2seq" else 0,
        hidden=text.hidden_size,
        feed_forward=_first(text, "intermediate_size", "d_ff", "decoder_ffn_dim", "n_inner") or 4 * text.hidden_size,
        heads=heads,
        kv_heads=_first(text, "num_key_value_heads") or heads,
        head_width=_first(text, "head_dim", "d_kv") or text.hidden_size // heads,
        vocabulary=embedding.shape[0],
        is_tied=is_tied,
        context=_first(text, "max_position_embeddings", "n_positions") or None
        if config.model_type not in T5S
        else None,
        linears=linear_modules(model),
    )


def linear_modules(model: Any) -> list[LinearModule]:
    """Every linear layer of a transformers model but its language-model head, in the model's order."""
    from torch import nn
    from transformers.pytorch_utils import Conv1D

    head = model.get_output_embeddings()
    found = []
    for name, module in model.named_modules():
        if module is head:
            continue
        if isinstance(module, nn.Linear):
            found.append(LinearModule(name, module.in_features, module.out_features))
        elif isinstance(module, Conv1D):  # GPT-2's, stored transposed
            found.append(LinearModule(name, *module.weight.shape))
    return found


def linear_targets(model: Any) -> list[str]:
    """The linear layers of a transformers model, named for peft's `target_modules` and sorted: by last parts, or in
    whole where a last part is also another module's."""
    names = {module.name for module in linear_modules(model)}
    endings = {name.rpartition(".")[2] for name in names}
    others = {name.rpartition(".")[2] for name, _ in model.named_modules() if name not in names}
    return sorted(endings if endings.isdisjoint(others) else names)


def _first(config: Any, *names: str) -> int:
    """The first of these fields that says something; families name the same thing differently."""
    return next((int(value) for name in names if (value := getattr(config, name, None))), 0)
