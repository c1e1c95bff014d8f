"""Looking at the running daemon and stopping it, from outside."""

import os
import signal

from tunesmith.protocol.session_messages import DaemonStatus, Empty
from tunesmith.server.client.daemon_client import DaemonClient
from tunesmith.server.client.errors import DaemonNotRunning
from tunesmith.server.client.join import join


async def daemon_status() -> DaemonStatus:
    """The running daemon's. Raises `DaemonNotRunning` and the other `SessionError`s of joining."""
    async with DaemonClient.connect(start=False) as client:
        answer: DaemonStatus = await client.request("tunesmith/status", Empty())
    return answer


def start_daemon(*, idle_minutes: float | None = None) -> int:
    """Start the daemon where none runs, and return its process id. Raises `SessionError`."""
    options = () if idle_minutes is None else ("--idle-minutes", str(idle_minutes))
    joined = join(client="cli", options=options)
    joined.connection.close()
    return joined.pid


def stop_daemon() -> int | None:
    """Ask the running daemon to stop, whatever protocol it speaks, and wait until it has gone.

    Runs commit what is in flight and can be resumed. Returns the process id it had, None where none ran.
    """
    try:
        joined = join(client="cli", start=False, any_protocol=True)
    except DaemonNotRunning:
        return None
    with joined.connection as connection:
        os.kill(joined.pid, signal.SIGTERM)
        while connection.recv(4096):
            pass
    return joined.pid
