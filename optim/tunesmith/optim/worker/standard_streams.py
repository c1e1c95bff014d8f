"""Taking the process's standard streams over, so that the link is out of reach of whatever prints.

The link keeps what the process was started with, under new descriptors. In their old places stand `/dev/null` for
standard input and two pipes for output and errors, also for C code and child processes. Standard library only.
"""

import contextlib
import faulthandler
import io
import os
import sys
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class StandardStreams:
    """File descriptors. `link_in` and `link_out` are the daemon's; `stdout` and `stderr` are read ends of the
    pipes that user code writes into; `errors` is the standard error the process was started with."""

    link_in: int
    link_out: int
    errors: int
    stdout: int
    stderr: int


def take_over_streams() -> StandardStreams:
    """Redirect descriptors 0, 1 and 2. To be called once, before anything is printed."""
    link_in, link_out, errors = os.dup(0), os.dup(1), os.dup(2)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    streams = StandardStreams(link_in, link_out, errors, stdout=_pipe_into(1), stderr=_pipe_into(2))
    # A segmentation fault cannot be told over the link any more; the daemon reads this end.
    faulthandler.enable(file=errors)
    # A forked child must not hold the link open after this process is gone.
    os.register_at_fork(after_in_child=lambda: _close_link(streams))
    # New objects, because what they know of their descriptors (buffering, whether it seeks) no longer holds.
    sys.stdout, sys.stderr = _writer(1), _writer(2)
    return streams


def _writer(descriptor: int) -> io.TextIOWrapper:
    return open(descriptor, "w", buffering=1, encoding="utf-8", errors="backslashreplace", closefd=False)


def _pipe_into(descriptor: int) -> int:
    read_end, write_end = os.pipe()
    os.dup2(write_end, descriptor)
    os.close(write_end)
    return read_end


def _close_link(streams: StandardStreams) -> None:
    faulthandler.disable()
    for descriptor in (streams.link_in, streams.link_out, streams.errors, streams.stdout, streams.stderr):
        with contextlib.suppress(OSError):
            os.close(descriptor)
