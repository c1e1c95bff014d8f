"""One connection: JSON-RPC on a stream until either side ends it."""

import asyncio
import logging
import threading
from collections.abc import Mapping

from pygls.io_ import run_async

from tunesmith.server.daemon.daemon import Daemon
from tunesmith.server.lsp import build_server

STREAM_LIMIT = 8 << 20
"""Longest line of a stream, bytes: the greeting carries an environment."""
UNREAD_LIMIT = 64 << 20
"""A client that leaves this many bytes unread is let go."""

log = logging.getLogger(__name__)


async def serve_connection(
    daemon: Daemon,
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    environment: Mapping[str, str],
) -> None:
    """Serve one client until it leaves, vanishes, or the daemon stops. Raises nothing of the connection's."""
    server = build_server(daemon, environment)
    server.protocol.set_writer(SessionWriter(writer))
    ended = threading.Event()  # what pygls' loop looks at between messages
    server.on_leave(ended.set)
    server.on_leave(reader.feed_eof)
    with daemon.session(server):
        try:
            await run_async(ended, reader, server.protocol, error_handler=server.report_server_error)
        except (asyncio.IncompleteReadError, ConnectionError, ValueError) as error:
            # ValueError: a header line beyond the stream's limit.
            log.info("session ended: %s", type(error).__name__)
        finally:
            await server.end()
            writer.close()


class SessionWriter:
    """Where pygls writes."""

    def __init__(self, stream: asyncio.StreamWriter) -> None:
        self._stream = stream

    def write(self, data: bytes) -> None:
        """Send, unless the client is gone or reads nothing."""
        transport = self._stream.transport
        if transport.is_closing():
            return
        if transport.get_write_buffer_size() > UNREAD_LIMIT:
            log.warning("a client does not read its messages; its session is closed")
            transport.abort()
            return
        self._stream.write(data)

    def close(self) -> None:
        """Close the stream."""
        self._stream.close()
