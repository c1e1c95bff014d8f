"""The worker after its streams are safe: greet, execute one run, answer, leave."""

import os
import signal
import sys
import threading
import traceback
from importlib.metadata import version

from tunesmith.optim.worker.cancellation import Cancellation
from tunesmith.optim.worker.link import Link
from tunesmith.optim.worker.printing import PrintCapture
from tunesmith.optim.worker.standard_streams import StandardStreams
from tunesmith.protocol import UserError
from tunesmith.protocol.worker_messages import RunOutcome

LEAVE_SECONDS = 10.0
"""User code's exit handlers and threads get this long after the outcome was told."""
ORPHAN_SECONDS = 60.0
"""What is in flight gets this long to be committed after the daemon was lost."""


def serve(streams: StandardStreams) -> int:
    """Returns the exit status. Must run in the main thread: user code may need it (signals, asyncio)."""
    # A shell may have started the daemon with SIGINT ignored; interrupting user code needs it.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    cancellation = Cancellation(when_daemon_lost=lambda: _leave_within(ORPHAN_SECONDS))
    prints = PrintCapture(streams.stdout, streams.stderr)
    link = Link(streams.link_in, streams.link_out, version=version("tunesmith"), cancellation=cancellation)
    order = link.next_order()
    if order is None:
        return 0
    request_id, run_order = order
    spec = run_order.spec
    try:
        # dspy and all it brings is loaded only now: the greeting was answered at once.
        from tunesmith.optim.worker.dspy_setup import prepare_dspy

        prepare_dspy()
    except Exception as error:  # noqa: BLE001 - a broken installation raises what it likes
        link.answer(request_id, RunOutcome(status="failed", error=_unloadable(error)))
        return 1
    from tunesmith.optim.worker.execute import execute

    outcome = execute(
        spec, listen=lambda record: link.tell(spec.run_id, record), cancellation=cancellation, prints=prints
    )
    link.answer(request_id, outcome)
    _leave_within(LEAVE_SECONDS)
    return 0


def _unloadable(error: Exception) -> UserError:
    return UserError(
        message=f"{sys.executable} cannot load dspy: {type(error).__name__}: {error}",
        next_step=f"See what `{sys.executable} -c 'import dspy'` says; installing dspy anew usually mends it.",
        traceback="".join(traceback.format_exception(error)),
    )


def _leave_within(seconds: float) -> None:
    """End the process even where a thread of user code never returns."""
    timer = threading.Timer(seconds, os._exit, args=(0,))
    timer.daemon = True
    timer.start()
