"""Ending a worker with everything it started."""

import contextlib
import os
import signal
import sys

import anyio
import anyio.abc


async def end_group(process: anyio.abc.Process, *, seconds: float) -> None:
    """Ask the process group to end, wait so long, then kill it. Returns once the worker is gone."""
    _signal_group(process, signal.SIGTERM)
    with anyio.move_on_after(seconds):
        await process.wait()
    kill_group(process)
    await process.wait()


def kill_group(process: anyio.abc.Process) -> None:
    """Kill the worker, if it still runs, and the children it left behind."""
    _signal_group(process, signal.SIGTERM if sys.platform == "win32" else signal.SIGKILL)


def _signal_group(process: anyio.abc.Process, number: signal.Signals) -> None:
    # The worker leads its group, and the group keeps its number while any member lives, worker or not.
    with contextlib.suppress(ProcessLookupError, PermissionError):
        if sys.platform == "win32":
            process.terminate()
        else:
            os.killpg(process.pid, number)
