"""The most memory this process held."""

import sys
from pathlib import Path

import torch


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
