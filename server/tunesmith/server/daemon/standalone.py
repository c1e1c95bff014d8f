"""`tunesmith lsp --standalone`: daemon and session in the editor's own process tree; runs end with it.

The same server as behind the socket, at one end of a socket pair; the forwarder's pump has the other.
"""

import asyncio
import os
import socket
import sys
import tempfile
import threading
from pathlib import Path

from tunesmith.server.client import pump_bytes, state_dir
from tunesmith.server.daemon.connection import STREAM_LIMIT, serve_connection
from tunesmith.server.daemon.daemon import Daemon
from tunesmith.server.daemon.logs import log_to_file


def serve_standalone() -> int:
    """Serve standard input and output until the client leaves. Returns 0."""
    source, sink = sys.stdin.fileno(), os.dup(sys.stdout.fileno())
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # a stray print must not end up between messages
    log = log_to_file("standalone.log")
    ours, theirs = socket.socketpair()
    threading.Thread(target=_pump_and_close, args=(theirs, source, sink), name="pump", daemon=True).start()
    # A queue of its own, gone with it: another window's must not be in the way, and no daemon takes these runs over.
    with tempfile.TemporaryDirectory(prefix="tunesmith-") as queue:
        asyncio.run(_serve(Daemon(state_dir=state_dir(), queue_dir=Path(queue), socket=None, log=log), ours))
    return 0


def _pump_and_close(connection: socket.socket, source: int, sink: int) -> None:
    with connection:
        pump_bytes(connection, source, sink)


async def _serve(daemon: Daemon, connection: socket.socket) -> None:
    reader, writer = await asyncio.open_connection(sock=connection, limit=STREAM_LIMIT)
    async with daemon:
        await serve_connection(daemon, reader, writer, dict(os.environ))
