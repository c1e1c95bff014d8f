"""What a training computes in."""

import platform

import torch

from tunesmith.optim.finetune.settings import TrainSettings


def computes_in_bf16(settings: TrainSettings) -> bool:
    """`auto` is bf16 where the hardware multiplies it faster than fp32."""
    if settings.precision != "auto":
        return settings.precision == "bf16"
    if torch.cuda.is_available():
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    if torch.backends.mps.is_available() or platform.machine() not in ("x86_64", "AMD64"):
        return False
    return bool(torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported())
