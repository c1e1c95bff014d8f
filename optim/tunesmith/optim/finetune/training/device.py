"""What a training computes on and in, and the most memory it held there."""

import platform
import sys
from pathlib import Path

import torch

from tunesmith.optim.finetune.settings import TrainSettings


def computes_in_bf16(settings: TrainSettings) -> bool:
    """Whether a training computes in bf16 on this machine, and not in fp32.

    `auto` is bf16 where the hardware multiplies it faster than fp32 by enough to pay for what it rounds away.
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


def describe_device(device: torch.device, is_bf16: bool) -> str:
    """For people: what computes, and in what: "cpu, 8 threads, fp32"."""
    name = torch.cuda.get_device_name(device) if device.type == "cuda" else device.type
    threads = f", {torch.get_num_threads()} threads" if device.type == "cpu" else ""
    return f"{name}{threads}, {'bf16' if is_bf16 else 'fp32'}"


def peak_bytes(device: torch.device) -> int:
    """Of the device, or resident on a CPU."""
    if device.type == "cuda":
        return int(torch.cuda.max_memory_allocated(device))
    if device.type == "mps":
        return int(torch.mps.driver_allocated_memory())
    return _peak_resident_bytes()


def _peak_resident_bytes() -> int:
    try:
        # Not `ru_maxrss`, which on Linux starts at what the parent held.
        status = Path("/proc/self/status").read_text()
    except OSError:
        if sys.platform == "win32":
            import psutil

            return int(psutil.Process().memory_info().peak_wset)
        import resource

        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak if sys.platform == "darwin" else peak * 1024
    line = next(line for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) * 1024
