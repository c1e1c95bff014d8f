"""The linear layers of a model: what LoRA adds to."""

from typing import Any

from msgspec import Struct


class LinearModule(Struct, frozen=True):
    name: str
    """In `named_modules()`."""
    inputs: int
    outputs: int


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
    """Names for peft's `target_modules`, sorted: last parts, or whole names where a last part is also another's."""
    names = {module.name for module in linear_modules(model)}
    endings = {name.rpartition(".")[2] for name in names}
    others = {name.rpartition(".")[2] for name, _ in model.named_modules() if name not in names}
    return sorted(endings if endings.isdisjoint(others) else names)
