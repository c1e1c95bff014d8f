"""Asking an interpreter, without running a worker, whether it could run one."""

import subprocess
from collections.abc import Mapping

import anyio
import msgspec
from msgspec import Struct

from tunesmith.protocol import decode

PROBE_SECONDS = 30
OLDEST_PYTHON = (3, 11)

# Runs on any Python 3; it imports nothing but the standard library and does not look into the current folder.
_SCRIPT = """
import sys
sys.path = [entry for entry in sys.path if entry]
import importlib.util, json
def present(name):
    try:
        return importlib.util.find_spec(name) is not None
    except Exception:
        return False
print("PROBE " + json.dumps({
    "python": list(sys.version_info[:2]),
    "missing": [name for name in ("tunesmith.optim", "dspy") if not present(name)],
}))
"""


class Probe(Struct, frozen=True):
    """What an interpreter said of itself: its version, and the packages a worker needs that it lacks."""

    python: tuple[int, int]
    missing: list[str]

    @property
    def is_fit(self) -> bool:
        """Whether it can run a worker."""
        return self.python >= OLDEST_PYTHON and not self.missing


async def probe_interpreter(interpreter: str, environment: Mapping[str, str]) -> Probe | None:
    """What an interpreter says of itself, asked with a short script.

    None where it cannot be started, or does not answer like a Python within `PROBE_SECONDS`.
    """
    try:
        with anyio.fail_after(PROBE_SECONDS):
            done = await anyio.run_process(
                [interpreter, "-c", _SCRIPT], env=environment, check=False, stderr=subprocess.DEVNULL
            )
    except (OSError, TimeoutError):
        return None
    answers = [line.removeprefix(b"PROBE ") for line in done.stdout.splitlines() if line.startswith(b"PROBE ")]
    try:
        return decode(answers[-1], Probe) if answers else None
    except msgspec.MsgspecError:
        return None


def install_command(interpreter: str, package: str) -> str:
    """What a user types to install a package there, in backquotes."""
    return f"`'{interpreter}' -m pip install {package}`"


def explain_unfit(interpreter: str, probe: Probe | None) -> tuple[str, str] | None:
    """What keeps an interpreter from running a worker, and the next step; None where nothing does."""
    if probe is None:
        return (
            "could not be started as a Python interpreter",
            "Set `interpreter` under [tool.tunesmith] in pyproject.toml to the Python your program runs with.",
        )
    if probe.python < OLDEST_PYTHON:
        return (
            f"is Python {probe.python[0]}.{probe.python[1]}, and tunesmith needs 3.11 or newer",
            "Set `interpreter` under [tool.tunesmith] in pyproject.toml to a newer one.",
        )
    if "tunesmith.optim" in probe.missing:
        return "has no tunesmith installed", f"Run {install_command(interpreter, 'tunesmith')}, then try again."
    if "dspy" in probe.missing:
        return "has no dspy installed", f"Run {install_command(interpreter, 'dspy')}, then try again."
    return None
