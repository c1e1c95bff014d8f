"""The optimizer's side of a training: it starts the process, reads its events, and ends it."""

import collections
import contextlib
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO

import msgspec

from tunesmith.optim.finetune import errors
from tunesmith.optim.finetune.errors import FinetuneError, TrainingDied
from tunesmith.optim.finetune.training.messages import Ended, Failed, TrainEvent, TrainSpec

COMMAND = (sys.executable, "-m", "tunesmith.optim.finetune.training")
SPEC = "training.json"
"""In the training's folder."""
GRACE_SECONDS = 120.0
"""From a soft cancel to a kill: a step ends, a checkpoint and the student are written."""
POLL_SECONDS = 0.1
LAST_LINES = 40
"""Of standard error, kept for `TrainingDied`."""


def run_training(
    spec: TrainSpec,
    *,
    on_event: Callable[[TrainEvent], None],
    should_stop: Callable[[], bool],
    grace_seconds: float = GRACE_SECONDS,
) -> Ended:
    """Trains in a process group of its own and returns when the student is written.

    When `should_stop()` turns true the training ends softly: the best weights so far are written, and what is returned
    says `cancelled`. After `grace_seconds` it is killed. `on_event` is called in this thread with every event.
    Raises `FinetuneError`: what the process reported, or `TrainingDied`.
    """
    process = _start(spec)
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stderr is not None
    lines: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
    last_words: collections.deque[bytes] = collections.deque(maxlen=LAST_LINES)
    readers = [
        threading.Thread(target=_read_lines, args=(process.stdout, lines.put, lambda: lines.put(None))),
        threading.Thread(target=_read_lines, args=(process.stderr, last_words.append, lambda: None)),
    ]
    for reader in readers:
        reader.start()
    try:
        last, was_killed = _listen(process, process.stdin, lines, on_event, should_stop, grace_seconds)
        code = process.wait()
    finally:
        _kill_group(process)
        for reader in readers:
            reader.join()
        for stream in (process.stdin, process.stdout, process.stderr):
            stream.close()
    if isinstance(last, Ended):
        return last
    if isinstance(last, Failed):
        raise _as_raised(last)
    raise TrainingDied(
        f"it did not stop within {grace_seconds:g} s" if was_killed else _ending(code), _said(last_words)
    )


def _start(spec: TrainSpec) -> subprocess.Popen[bytes]:
    path = Path(spec.folder) / SPEC
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(msgspec.json.encode(spec))
    return subprocess.Popen(
        [*COMMAND, str(path)],
        # Held open as long as this process lives: when it dies, the training stops.
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "TOKENIZERS_PARALLELISM": "false"},
        start_new_session=True,
    )


def _listen(
    process: subprocess.Popen[bytes],
    held_open: IO[bytes],
    lines: queue.SimpleQueue[bytes | None],
    on_event: Callable[[TrainEvent], None],
    should_stop: Callable[[], bool],
    grace_seconds: float,
) -> tuple[TrainEvent | None, bool]:
    """The last event, and whether patience ended first."""
    last: TrainEvent | None = None
    kill_at = float("inf")
    while time.monotonic() < kill_at:
        if kill_at == float("inf") and should_stop():
            # Not a signal: it would end a process that is still importing.
            held_open.close()
            kill_at = time.monotonic() + grace_seconds
        try:
            line = lines.get(timeout=POLL_SECONDS)
        except queue.Empty:
            if process.poll() is not None:
                _kill_group(process)  # what it left behind holds its output open
            continue
        if line is None:
            return last, False
        last = msgspec.json.decode(line, type=TrainEvent)
        on_event(last)
    _kill_group(process)
    return last, True


def _read_lines(stream: IO[bytes], take: Callable[[bytes], None], end: Callable[[], None]) -> None:
    for line in stream:
        take(line)
    end()


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    """Whatever is left of it, also what it started itself."""
    if hasattr(os, "killpg"):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()
    process.wait()


def _as_raised(failed: Failed) -> FinetuneError:
    """The error as it was raised over there."""
    kind = getattr(errors, failed.error, FinetuneError)
    error: FinetuneError = kind.__new__(kind)
    FinetuneError.__init__(error, failed.message, failed.next_step)
    return error


def _ending(code: int) -> str:
    if code == -signal.SIGKILL:
        return "killed, as the system does where memory runs out"
    return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit status {code}"


def _said(lines: collections.deque[bytes]) -> str:
    """The last thing on standard error that is not empty."""
    texts = [line.decode("utf-8", "replace").strip() for line in lines]
    return next((text for text in reversed(texts) if text), "")[:300]
