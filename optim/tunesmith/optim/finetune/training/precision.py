"""What a training computes in."""

import platform

import torch

from tunesmith.optim.finetune.settings import TrainSettings


def computes_in_bf16(settings: TrainSettings) -> bool:
    """`auto` is bf16 where the hardware multiplies it faster than fp32 by enough to pay for what it rounds away.

    On a CPU that is for full finetuning only. What low-rank weights add to a layer's output is at first smaller than
    bf16 resolves beside it, and vanishes: SmolLM2-135M learned half as much in its first steps, 1.2 times faster each.
    """
    if settings.precision != "auto":
        return settings.precision == "bf16"
    if torch.cuda.is_available():
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    if torch.backends.mps.is_available() or platform.machine() not in ("x86_64", "AMD64"):
        return False
    is_fast = torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported()
    return settings.method == "full" and bool(is_fast)
