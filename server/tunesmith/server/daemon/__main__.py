"""`python -m tunesmith.server.daemon`: the daemon's process, as `client/join.py` starts it."""

import argparse
import gc
import sys

from tunesmith.server.client import SessionError
from tunesmith.server.errors import ServerError


def main() -> int:
    """Serve until told to stop; returns the exit code."""
    _load()
    from tunesmith.server.daemon.listening import IDLE_MINUTES, run_daemon

    parser = argparse.ArgumentParser(prog="tunesmith daemon", description="Serve tunesmith's clients on a socket.")
    parser.add_argument("--idle-minutes", type=float, default=IDLE_MINUTES)
    try:
        return run_daemon(idle_minutes=parser.parse_args().idle_minutes)
    except (SessionError, ServerError) as error:
        sys.stderr.write(f"{error}\n")  # the last line is what whoever started it is told
        return 1


def _load() -> None:
    """Import everything, and keep it from the garbage collector.

    Modules stay for the process's life, so looking at them is in vain: one full collection costs half of what loading
    our own modules does, the first falls in the middle of it, and later ones would fall between two keystrokes.
    """
    import pygls.lsp.server  # noqa: F401  most of what there is

    gc.freeze()
    import tunesmith.server.daemon.listening  # noqa: F401

    gc.freeze()


if __name__ == "__main__":
    sys.exit(main())
