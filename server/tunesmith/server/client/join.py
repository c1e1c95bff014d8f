"""Joining the user's daemon, or starting it. Standard library only: the forwarder's whole cost is in here.

Two clients may start a daemon at once: one of the two gets the socket's lock (`daemon/listening.py`), both clients
reach that one, and the other is ended by who started it.
"""

import json
import os
import socket
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tunesmith.server.client.errors import DaemonMismatch, DaemonNotRunning, DaemonNotStarted
from tunesmith.server.client.paths import check_own, output_file, socket_path
from tunesmith.server.client.version import PROTOCOL, VERSION

if TYPE_CHECKING:
    import subprocess

START_SECONDS = 30.0
"""How long a daemon that was started may take to listen, and one that is leaving to leave."""
GREETING_SECONDS = 10.0
DAEMON = ("-m", "tunesmith.server.daemon")


class Joined(NamedTuple):
    """A connection to a daemon, and what its greeting said."""

    connection: socket.socket
    """Blocking, greeted; JSON-RPC follows."""
    pid: int
    """The daemon's."""
    version: str
    protocol: int


def join(*, client: str, start: bool = True, any_protocol: bool = False, options: tuple[str, ...] = ()) -> Joined:
    """Connect to the daemon and exchange greetings; start one first where nobody listens and `start` is set.

    `client` is `lsp` or `cli`; `options` are the command line of a daemon that is started. Raises `DaemonNotRunning`,
    `DaemonNotStarted`, `UnsafeFolder`, `SocketPathTooLong`, and `DaemonMismatch` unless `any_protocol` is set.
    """
    path = socket_path()
    joined = _try_join(path, client)
    if joined is None:
        if not start:
            raise DaemonNotRunning
        joined = _start_and_join(path, client, options)
    if joined.protocol != PROTOCOL and not any_protocol:
        joined.connection.close()
        raise DaemonMismatch(ours=PROTOCOL, our_version=VERSION, theirs=joined.protocol, their_version=joined.version)
    return joined


def _start_and_join(path: Path, client: str, options: tuple[str, ...]) -> Joined:
    deadline = time.monotonic() + START_SECONDS
    daemon = _spawn(options)
    while time.monotonic() < deadline:
        joined = _try_join(path, client)
        if joined is not None:
            if joined.pid != daemon.pid:
                daemon.terminate()  # somebody else's was faster; this one must not outlive it, waiting for its place
            return joined
        if daemon.poll():
            raise DaemonNotStarted(_last_line(output_file()) or f"exit code {daemon.returncode}", output_file())
        if daemon.poll() == 0:
            daemon = _spawn(options)  # it met another daemon that has left since
        time.sleep(0.01)
    raise DaemonNotStarted(f"no answer within {START_SECONDS:.0f} s", output_file())


def _spawn(options: tuple[str, ...]) -> "subprocess.Popen[bytes]":
    """A daemon in a session of its own, so that it outlives the editor that wanted it."""
    import subprocess  # joining a running daemon does not need it

    with output_file().open("wb") as output:
        return subprocess.Popen(
            [sys.executable, *DAEMON, *options],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            cwd="/",
        )


def _last_line(output: Path) -> str:
    lines = output.read_text(encoding="utf-8", errors="replace").split("\n")
    return next((line.strip().rstrip(".") for line in reversed(lines) if line.strip()), "")


def _try_join(path: Path, client: str) -> Joined | None:
    """None where nobody listens, or whoever did is leaving."""
    try:
        check_own(path)
    except FileNotFoundError:
        return None
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        connection.settimeout(GREETING_SECONDS)
        connection.connect(os.fspath(path))
        connection.sendall(_greeting(client))
        answer = json.loads(_read_line(connection))
        connection.settimeout(None)
        return Joined(connection, int(answer["pid"]), str(answer["version"]), int(answer["protocol"]))
    except (OSError, ValueError, KeyError):
        connection.close()
        return None


def _greeting(client: str) -> bytes:
    """A `ClientGreeting` line. Environment entries that are no UTF-8 cannot travel as JSON and stay here."""
    environment = {name: value for name, value in os.environ.items() if _is_text(name) and _is_text(value)}
    greeting = {
        "protocol": PROTOCOL,
        "version": VERSION,
        "client": client,
        "cwd": _working_folder(),
        "environment": environment,
    }
    return json.dumps(greeting).encode() + b"\n"


def _working_folder() -> str:
    try:
        return str(Path.cwd())
    except FileNotFoundError:
        return "/"


def _is_text(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _read_line(connection: socket.socket) -> bytes:
    """Byte by byte, because what follows the line belongs to JSON-RPC."""
    line = bytearray()
    while not line.endswith(b"\n"):
        byte = connection.recv(1)
        if not byte:
            raise ConnectionError("closed during the greeting")
        line += byte
    return bytes(line)
