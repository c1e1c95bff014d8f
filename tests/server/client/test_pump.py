"""The forwarder: cheap to import, faithful with bytes, honest about why it ended."""

import os
import socket
import subprocess
import sys
import threading

import pytest

from tunesmith.server.client.pump import pump_bytes

HEAVY = ("pygls", "lsprotocol", "msgspec", "asyncio", "anyio", "platformdirs", "attrs", "cattrs")


def test_it_imports_nothing_heavy() -> None:
    code = f"import sys, tunesmith.server.client.forward; print([m for m in {HEAVY} if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


class Pumping:
    """`pump` in a thread, between two pipes and a socket."""

    def __init__(self) -> None:
        ours, self.daemon = socket.socketpair()
        source, self.stdin = os.pipe()
        self.stdout, sink = os.pipe()
        self.left: list[bool] = []

        def run() -> None:
            with ours:
                self.left.append(pump_bytes(ours, source, sink))
            os.close(sink)

        self.thread = threading.Thread(target=run, daemon=True)
        self.thread.start()

    def wished(self) -> bool:
        self.thread.join(10)
        return self.left[0]


def read_all(stream: int) -> bytes:
    with os.fdopen(stream, "rb") as file:
        return file.read()


def test_bytes_pass_both_ways() -> None:
    pumping = Pumping()
    sent = os.urandom(300_000)
    threading.Thread(target=lambda: (os.write(pumping.stdin, sent[:65536]), os.close(pumping.stdin))).start()
    with pumping.daemon.makefile("rb") as received:
        assert received.read() == sent[:65536]  # the end of input is passed on
    threading.Thread(target=lambda: (pumping.daemon.sendall(sent), pumping.daemon.close())).start()
    assert read_all(pumping.stdout) == sent
    assert pumping.wished()


@pytest.mark.parametrize(
    ("last", "wished"),
    [
        (b'Content-Length: 33\r\n\r\n{"jsonrpc":"2.0","method":"exit"}', True),
        (b'Content-Length: 36\r\n\r\n{"method": "exit", "jsonrpc": "2.0"}', True),
        (b'Content-Length: 37\r\n\r\n{"jsonrpc":"2.0","method":"shutdown"}', False),
        (b"", False),
    ],
)
def test_whether_the_end_was_the_clients_wish(last: bytes, wished: bool) -> None:
    pumping = Pumping()
    if last:
        os.write(pumping.stdin, last)
        assert pumping.daemon.recv(1000) == last
    pumping.daemon.close()
    assert pumping.wished() is wished
