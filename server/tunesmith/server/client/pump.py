"""Copying bytes between a client's streams and its connection. Standard library only."""

import os
import socket
import threading

CHUNK = 1 << 16


def pump_bytes(connection: socket.socket, source: int, sink: int) -> bool:
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
