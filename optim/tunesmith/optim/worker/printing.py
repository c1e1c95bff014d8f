"""What user code prints, also from C code and child processes, as events of the run.

A thread reads both pipes without pause, so nothing printed ever blocks for long, joins what arrives into few events,
and keeps a bounded amount: the rest is read and dropped, which is said once.
"""

import codecs
import os
import selectors
import threading
import time
from collections.abc import Callable
from typing import Literal

from tunesmith.optim.worker.redaction import redact
from tunesmith.protocol import Printed, StoreError, Warned

KEPT_CHARACTERS = 256 * 1024
"""A run's store holds at most this much printed text of one process."""
EVENT_CHARACTERS = 8 * 1024
JOIN_SECONDS = 0.2
"""Text waits at most this long for more."""
READ_BYTES = 1024 * 1024

Sink = Callable[[Printed | Warned], object]


class PrintCapture:
    """Reads two pipes from the moment it is made. Text waits (up to the cap) until `tell` says who wants it."""

    def __init__(self, stdout: int, stderr: int) -> None:
        self._sink: Sink | None = None
        self._discarding = False
        self._left = KEPT_CHARACTERS
        self._streams = {stdout: _Stream("stdout"), stderr: _Stream("stderr")}
        self._wake_read, self._wake_write = os.pipe()
        self._changed = threading.Condition()
        self._drains_wanted = 0
        self._drains_done = 0
        self._selector = selectors.DefaultSelector()
        for descriptor in (stdout, stderr, self._wake_read):
            os.set_blocking(descriptor, False)
            self._selector.register(descriptor, selectors.EVENT_READ)
        threading.Thread(target=self._read, name="print-capture", daemon=True).start()

    def tell(self, sink: Sink) -> None:
        """Give what was and will be printed to `sink`, on this object's own thread."""
        self._sink = sink
        self._wake()

    def stop_telling(self) -> None:
        """Tell everything that has been written so far, then drop what follows. Returns when that is done."""
        self.drain()
        self._discarding = True

    def drain(self) -> None:
        """Return when all that was written before this call has been told."""
        with self._changed:
            self._drains_wanted += 1
            wanted = self._drains_wanted
            self._wake()
            self._changed.wait_for(lambda: self._drains_done >= wanted)

    def _wake(self) -> None:
        os.write(self._wake_write, b"\0")

    def _read(self) -> None:
        while True:
            waiting = self._sink is not None and any(stream.text for stream in self._streams.values())
            ready = {key.fd for key, _ in self._selector.select(JOIN_SECONDS if waiting else None)}
            if self._wake_read in ready:
                os.read(self._wake_read, 4096)
            drains = self._drains_wanted
            draining = drains > self._drains_done
            for descriptor in self._streams.keys() if draining else self._streams.keys() & ready:
                self._take(descriptor)
            for stream in self._streams.values():
                self._tell_due(stream, everything=draining)
            if draining:
                with self._changed:
                    self._drains_done = drains
                    self._changed.notify_all()

    def _take(self, descriptor: int) -> None:
        """Read all that the pipe holds now (a pipe holds less than one read)."""
        try:
            data = os.read(descriptor, READ_BYTES)
        except BlockingIOError:
            return
        stream = self._streams[descriptor]
        if not stream.text:
            stream.since = time.monotonic()
        room = 0 if self._discarding else self._left + 1 - len(stream.text)
        stream.text += stream.decoder.decode(data)[: max(room, 0)]

    def _tell_due(self, stream: "_Stream", *, everything: bool) -> None:
        sink = self._sink
        if sink is None:
            return
        old_enough = time.monotonic() - stream.since >= JOIN_SECONDS
        while stream.text and (everything or old_enough or len(stream.text) >= EVENT_CHARACTERS):
            piece, stream.text = stream.text[:EVENT_CHARACTERS], stream.text[EVENT_CHARACTERS:]
            self._tell(sink, stream.name, piece)

    def _tell(self, sink: Sink, name: Literal["stdout", "stderr"], piece: str) -> None:
        if self._discarding:
            return
        kept = piece[: self._left]
        self._left -= len(kept)
        try:
            if kept:
                sink(Printed(stream=name, text=redact(_as_shown(kept))))
            if len(kept) < len(piece):
                self._discarding = True
                sink(
                    Warned(
                        message=f"The program printed more than {KEPT_CHARACTERS:,} characters; the rest is dropped."
                    )
                )
        except StoreError:
            # A store that cannot be written ends the run elsewhere; its prints are the least of it.
            self._discarding = True


class _Stream:
    """Decoded text of one pipe that was not told yet."""

    def __init__(self, name: Literal["stdout", "stderr"]) -> None:
        self.name = name
        self.decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self.text = ""
        self.since = 0.0


def _as_shown(text: str) -> str:
    """As a terminal would leave it: a progress bar that redraws its line counts once."""
    lines = text.replace("\r\n", "\n").split("\n")
    return "\n".join(line.rstrip("\r").rpartition("\r")[2] for line in lines)
