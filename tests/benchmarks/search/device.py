"""Which machine a result comes from."""

import platform
from pathlib import Path


def device() -> str:
    """The processor and the system."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
        return f"{names[0]}, {len(names)} cores, {platform.system()} {platform.machine()}"
    except (OSError, IndexError):
        return f"{platform.processor() or platform.machine()}, {platform.system()}"
