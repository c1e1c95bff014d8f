"""Starting and joining the daemon, beside a process that only imports pygls."""

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from benchmarks.keystrokes import LINES, METHODS, answer_milliseconds
from benchmarks.measurement import Measurement
from tunesmith.server.client import control
from tunesmith.server.client.join import join

T = TypeVar("T")

BARE = "import pygls.lsp.server, sys; print('ready', flush=True); sys.stdin.read()"


def measure(*, quick: bool) -> list[Measurement]:
    rounds = 3 if quick else 15
    with _own_folders():
        _cold(_daemon_start), _bare_start()  # the first start compiles what it imports
        cold_initialize = statistics.median(_cold(_initialize_seconds) for _ in range(rounds))
        control.start_daemon()
        joining = statistics.median(_initialize_seconds() for _ in range(rounds))
        pairs = [(_cold(_daemon_start), _bare_start()) for _ in range(rounds)]  # in turn: a busy moment hits both
    start, size = (statistics.median(ours[value] for ours, _ in pairs) for value in (0, 1))
    bare, bare_size = (statistics.median(theirs[value] for _, theirs in pairs) for value in (0, 1))
    return [
        Measurement(
            "initialize through `tunesmith lsp`, daemon running",
            joining * 1e3,
            cold_initialize * 1e3,
            "ms",
            "daemon not running",
            "under 100 ms",
        ),
        Measurement("cold daemon, until it greets", start, bare, "s", "import pygls.lsp.server", "at most 0.08 s more"),
        Measurement("cold daemon, memory", size, bare_size, "MB", "import pygls.lsp.server", "at most 15 MB more"),
        *_keystrokes(30 if quick else 100),
    ]


def _keystrokes(rounds: int) -> list[Measurement]:
    taken = answer_milliseconds(rounds)
    peer = METHODS["textDocument/diagnostic"]
    name = f"keystroke to {{}}, {LINES} lines, p95"
    return [Measurement(name.format(one), taken[one], taken[peer], "ms", peer, "< 10 ms") for one in METHODS.values()]


@contextmanager
def _own_folders() -> Iterator[None]:
    """A socket and a state folder apart from the user's, and bytecode, which every installation has."""
    names = ("TUNESMITH_RUNTIME", "TUNESMITH_STATE", "PYTHONPYCACHEPREFIX")
    folders = {name: tempfile.mkdtemp(prefix="ts-") for name in names}
    os.environ |= folders
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    try:
        yield
    finally:
        control.stop_daemon()
        for folder in folders.values():
            shutil.rmtree(folder)


def _cold(measured: Callable[[], T]) -> T:
    control.stop_daemon()
    return measured()


def _initialize_seconds() -> float:
    """From the editor's start of the command to the answer's last byte."""
    began = time.perf_counter()
    editor = subprocess.Popen(
        [sys.executable, "-m", "tunesmith.server.serve_editor"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert editor.stdin is not None
    assert editor.stdout is not None
    editor.stdin.write(_message({"id": 1, "method": "initialize", "params": {"capabilities": {}, "processId": None}}))
    editor.stdin.flush()
    length = int(editor.stdout.readline().split(b":")[1])
    while editor.stdout.readline() != b"\r\n":
        pass
    editor.stdout.read(length)
    seconds = time.perf_counter() - began
    editor.communicate(_message({"method": "exit"}))
    return seconds


def _message(body: dict[str, object]) -> bytes:
    data = json.dumps({"jsonrpc": "2.0", **body}).encode()
    return b"Content-Length: %d\r\n\r\n%b" % (len(data), data)


def _daemon_start() -> tuple[float, float]:
    began = time.perf_counter()
    joined = join(client="cli")
    seconds = time.perf_counter() - began
    joined.connection.close()
    return seconds, _megabytes(joined.pid)


def _bare_start() -> tuple[float, float]:
    began = time.perf_counter()
    process = subprocess.Popen([sys.executable, "-c", BARE], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.readline()
    seconds = time.perf_counter() - began
    size = _megabytes(process.pid)
    process.communicate()
    return seconds, size


def _megabytes(pid: int) -> float:
    """Resident."""
    answer = subprocess.run(["ps", "-o", "rss=", "-p", str(pid)], capture_output=True, text=True, check=True)
    return int(answer.stdout) / 1024
