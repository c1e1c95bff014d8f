"""`tunesmith lsp`: the editor's command. Bytes from standard input to the daemon's socket and back.

Imports neither pygls nor msgspec: an editor waits for this process before it sees anything.
"""

import os
import socket
import sys
import threading

from tunesmith.server.sessions.errors import DaemonLost, SessionError
from tunesmith.server.sessions.joining import join
from tunesmith.server.sessions.paths import log_file

CHUNK = 1 << 16


def main(*, standalone: bool = False) -> int:
    """Serve the editor on standard input and output until either side ends.

    Returns 0 after the client's `exit` or the end of input, 1 when the daemon went away (the editor then starts this
    command anew, which starts a daemon). `standalone` keeps everything in this process, without a daemon.
    """
    if standalone or not hasattr(socket, "AF_UNIX"):
        from tunesmith.server.sessions.standalone import serve_standalone

        return serve_standalone()
    try:
        joined = join(client="lsp")
    except SessionError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    if pump(joined.connection, sys.stdin.fileno(), sys.stdout.fileno()):
        return 0
    sys.stderr.write(f"{DaemonLost(log_file())}\n")
    return 1


def pump(connection: socket.socket, source: int, sink: int) -> bool:
    """Copy `source` to the connection and the connection to `sink` until the connection ends.

    True where that was the client's wish: its input ended, or its last message was `exit`.
    """
    sending = _Sending(connection, source)
    threading.Thread(target=sending.run, name="stdin", daemon=True).start()
    try:
        while data := connection.recv(CHUNK):
            _write_all(sink, data)
    except BrokenPipeError:
        return True  # the editor is gone
    except OSError:
        pass
    return sending.wished_to_leave()


class _Sending:
    """The direction towards the daemon, in a thread of its own: reading standard input cannot be interrupted."""

    def __init__(self, connection: socket.socket, source: int) -> None:
        self._connection = connection
        self._source = source
        self._tail = b""
        self._ended = False

    def run(self) -> None:
        try:
            while data := os.read(self._source, CHUNK):
                self._tail = (self._tail + data)[-256:]
                self._connection.sendall(data)
            self._ended = True
            self._connection.shutdown(socket.SHUT_WR)
        except OSError:
            return  # the daemon is gone; the other direction sees it too

    def wished_to_leave(self) -> bool:
        return self._ended or b'"method":"exit"' in self._tail.replace(b" ", b"")


def _write_all(sink: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(sink, view) :]


if __name__ == "__main__":
    sys.exit(main(standalone="--standalone" in sys.argv[1:]))
