"""Memory of this machine, as far as a container's limit lets a process have it."""

import contextlib
from importlib import import_module
from pathlib import Path
from typing import Any

CGROUP = Path("/sys/fs/cgroup")
UNLIMITED = 1 << 60
"""Version 1 of control groups writes a number above it for no limit."""


def free_memory(device: str | None = None) -> int:
    """Bytes a new process could take on `device`; None: on the device training would use."""
    if _on_cuda(device):
        import torch

        free, _ = torch.cuda.mem_get_info()
        return int(free)
    available = int(_virtual_memory().available)
    limit = memory_limit()
    return available if limit is None else max(0, min(available, limit - _used_in_group()))


def total_memory(device: str | None = None) -> int:
    """Bytes of `device`; None: of the device training would use."""
    if _on_cuda(device):
        import torch

        return int(torch.cuda.get_device_properties(0).total_memory)
    total = int(_virtual_memory().total)
    limit = memory_limit()
    return total if limit is None else min(total, limit)


def memory_limit(group: Path = CGROUP) -> int | None:
    """Of this process's control group. None: no limit, or no control groups."""
    for name in ("memory.max", "memory/memory.limit_in_bytes"):
        with contextlib.suppress(OSError, ValueError):  # "max" is no number
            limit = int((group / name).read_text())
            return limit if limit < UNLIMITED else None
    return None


def _virtual_memory() -> Any:
    psutil: Any = import_module("psutil")  # comes with accelerate
    return psutil.virtual_memory()


def _used_in_group(group: Path = CGROUP) -> int:
    """Without the file cache, which gives way."""
    for used, statistics in (
        ("memory.current", "memory.stat"),
        ("memory/memory.usage_in_bytes", "memory/memory.stat"),
    ):
        with contextlib.suppress(OSError, ValueError):
            fields = dict(line.split() for line in (group / statistics).read_text().splitlines())
            return int((group / used).read_text()) - int(fields.get("inactive_file", 0))
    return 0


def _on_cuda(device: str | None) -> bool:
    if device is not None:
        return device == "cuda"
    import torch

    return bool(torch.cuda.is_available())
