"""What is trained and its optimizer's states, as whole tensors by name, whichever way processes share them.

Every process has to call these; with FSDP they are collective.
"""

from typing import Any

import torch
from accelerate import Accelerator
from accelerate.utils import DistributedType
from torch import Tensor, nn


def is_sharded(accelerator: Accelerator) -> bool:
    """Each process holds a part of the weights only (FSDP)."""
    return bool(accelerator.distributed_type == DistributedType.FSDP)


def trained_weights(accelerator: Accelerator, model: nn.Module) -> dict[str, Tensor]:
    """On the main process; with FSDP other processes get an empty dict."""
    if is_sharded(accelerator):
        return dict(_states().get_model_state_dict(model, options=_whole(ignore_frozen_params=True)))
    bare = accelerator.unwrap_model(model)
    return {name: weight for name, weight in bare.named_parameters() if weight.requires_grad}


def restore_weights(accelerator: Accelerator, model: nn.Module, weights: dict[str, Tensor]) -> None:
    """Puts what `trained_weights` gave back into the model."""
    if is_sharded(accelerator):
        _states().set_model_state_dict(model, weights, options=_whole(strict=False))
        return
    with torch.no_grad():
        for name, weight in accelerator.unwrap_model(model).named_parameters():
            if weight.requires_grad:
                weight.copy_(weights[name])


def optimizer_state(accelerator: Accelerator, model: nn.Module, optimizer: Any) -> dict[str, Any]:
    """A `state_dict()`: states by the parameter's number, or with FSDP by its name."""
    if is_sharded(accelerator):
        return dict(_states().get_optimizer_state_dict(model, optimizer.optimizer, options=_whole()))
    state: dict[str, Any] = optimizer.state_dict()
    return state


def restore_optimizer(accelerator: Accelerator, model: nn.Module, optimizer: Any, state: dict[str, Any]) -> None:
    """Puts what `optimizer_state` gave back into the optimizer."""
    if is_sharded(accelerator):
        _states().set_optimizer_state_dict(model, optimizer.optimizer, state, options=_whole())
    else:
        optimizer.load_state_dict(state)


def _whole(**options: bool) -> Any:
    return _states().StateDictOptions(full_state_dict=True, cpu_offload=True, **options)


def _states() -> Any:
    """Imported where it is needed: it takes a second."""
    from torch.distributed.checkpoint import state_dict

    return state_dict
