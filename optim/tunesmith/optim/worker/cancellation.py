"""Being told to stop, by the daemon or because it is gone."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Cancellation:
    """The link's thread requests it; the main thread notices.

    While user code is imported there is nothing that could stop softly, so it is interrupted like Ctrl-C. Later the
    run stops at its own next boundary.
    """

    reason: str | None
    """Why, once requested."""
    daemon_lost: bool
    """Nobody asked for it: the run can be resumed as it stands."""

    def __init__(self, *, when_daemon_lost: Callable[[], None]) -> None:
        self.reason = None
        self.daemon_lost = False
        self._when_daemon_lost = when_daemon_lost
        self._lock = threading.Lock()
        self._stop_softly: Callable[[str], None] | None = None
        self._interruptible = False

    @property
    def requested(self) -> bool:
        """The run was asked to stop, or lost its daemon."""
        return self.reason is not None

    def request(self, reason: str, *, daemon_lost: bool = False) -> None:
        """Ask the run to stop. From any thread; the first reason stays."""
        if daemon_lost:
            self._when_daemon_lost()
        with self._lock:
            if self.reason is not None:
                return
            self.reason = reason
            self.daemon_lost = daemon_lost
            if self._interruptible:
                signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
            stop_softly = self._stop_softly
        if stop_softly is not None:
            stop_softly(reason)

    def stop_with(self, stop_softly: Callable[[str], None]) -> None:
        """What to call when asked to stop, with the reason; at once where that already happened."""
        with self._lock:
            self._stop_softly = stop_softly
            reason = self.reason
        if reason is not None:
            stop_softly(reason)

    @contextmanager
    def interrupting(self) -> Iterator[None]:
        """Inside, a request raises `KeyboardInterrupt` in the main thread, which must be the one that enters."""
        with self._lock:
            if self.requested:
                raise KeyboardInterrupt(self.reason)
            self._interruptible = True
        try:
            yield
        finally:
            with self._lock:
                self._interruptible = False
