"""Optimizers, and how fast they learn at each step."""

from importlib import import_module
from typing import Any

import torch
from torch import nn

from tunesmith.optim.finetune.errors import ExtraMissing
from tunesmith.optim.finetune.settings import TrainSettings
from tunesmith.protocol.student import Architecture

CLIPPED_NORM = 1.0
"""Of a step's gradient."""
SHORT_RUN = 300
"""Steps up to which low-rank weights take the larger rate ("LoRA Without Regret", Thinking Machines 2025)."""


def default_learning_rate(settings: TrainSettings, architecture: Architecture, *, steps: int, parameters: int) -> float:
    """What `settings.learning_rate` is where nobody said: by method, and for all weights by size."""
    if settings.method == "prompt":
        # Lester et al., 2104.08691: 0.3 with Adafactor without parameter scaling. AdamW diverges there.
        return 0.3 if settings.optimizer == "adafactor" else 0.03
    if settings.method == "lora":
        return 5e-4 if steps <= SHORT_RUN else 2e-4
    if architecture == "seq2seq":
        return 3e-4 if parameters < 1e9 else 1e-4
    if parameters < 3e8:
        return 1e-4
    return 5e-5 if parameters < 2e9 else 2e-5


def rate_at(step: int, steps: int, warmup: float) -> float:
    """Share of the learning rate for a step counted from 0: linear up over the share `warmup`, then linear down.

    No step is wasted on a rate of zero.
    """
    rising = round(warmup * steps)
    if step < rising:
        return (step + 1) / (rising + 1)
    return (steps - step) / (steps - rising)


def make_optimizer(model: nn.Module, settings: TrainSettings, learning_rate: float) -> torch.optim.Optimizer:
    """Over what requires gradients; norms and biases do not decay.

    Raises `ExtraMissing` where 8-bit states need a package.
    """
    trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
    groups: list[dict[str, Any]] = [
        {"params": [one for one in trained if one.ndim >= 2], "weight_decay": settings.weight_decay},
        {"params": [one for one in trained if one.ndim < 2], "weight_decay": 0.0},
    ]
    groups = [group for group in groups if group["params"]]
    if settings.optimizer == "adafactor":
        from transformers.optimization import Adafactor

        adafactor: torch.optim.Optimizer = Adafactor(
            groups, lr=learning_rate, scale_parameter=False, relative_step=False, warmup_init=False
        )
        return adafactor
    if settings.optimizer == "adamw-8bit":
        try:
            bitsandbytes = import_module("bitsandbytes")
        except ImportError:
            raise ExtraMissing("bitsandbytes") from None
        eight_bit: torch.optim.Optimizer = bitsandbytes.optim.AdamW8bit(groups, lr=learning_rate)
        return eight_bit
    # On a CPU the fused kernel takes a third of the time, and torch does not choose it by itself.
    is_fused = settings.optimizer == "adamw-fused" or trained[0].device.type == "cpu"
    adamw: torch.optim.Optimizer = torch.optim.AdamW(groups, lr=learning_rate, fused=is_fused or None)
    return adamw


def set_rate(optimizer: torch.optim.Optimizer, rate: float) -> None:
    """For the next step, of all parameters."""
    for group in optimizer.param_groups:
        group["lr"] = rate
