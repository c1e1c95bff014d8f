"""Calls that come at about the same time are computed together, by one thread of the process.

One thread, because two models computing at once on one device only slow each other down.
"""

import os
import threading
import time
from collections import deque
from collections.abc import Callable, Hashable, Sequence
from concurrent.futures import Future
from typing import Any, NamedTuple

QUIET_SECONDS = 0.004
"""A batch is begun when no further call came for this long."""
PATIENCE_SECONDS = 0.03
"""And after this long in any case."""
BATCH_ROWS = 32
BATCH_TOKENS = 8192
"""Of prompts and the answers they may get, padding included."""


class Call(NamedTuple):
    """One item that waits to be computed."""

    compute: Callable[[Sequence[Any]], Sequence[Any]]
    """Results in the order of the items. Calls of equal `key` have equal `compute`."""
    key: Hashable
    """Calls with equal keys may share a batch."""
    item: Any
    tokens: int
    future: "Future[Any]"


class Dispatcher:
    """A queue, and the thread that works it off, started with the first call."""

    def __init__(self) -> None:
        self._waiting: deque[Call] = deque()
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None

    def ask(self, compute: Callable[[Sequence[Any]], Sequence[Any]], key: Hashable, item: Any, tokens: int) -> Any:
        """The item's result, as soon as its batch is through. Raises what `compute` raises."""
        future: Future[Any] = Future()
        with self._changed:
            self._waiting.append(Call(compute, key, item, tokens, future))
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="tunesmith-students", daemon=True)
                self._thread.start()
            self._changed.notify()
        return future.result()

    def _work(self) -> None:
        while True:
            batch = self._next_batch()
            try:
                results = batch[0].compute([call.item for call in batch])
            except BaseException as error:  # noqa: BLE001  it belongs to the callers, who wait in other threads
                for call in batch:
                    call.future.set_exception(error)
            else:
                for call, result in zip(batch, results, strict=True):
                    call.future.set_result(result)

    def _next_batch(self) -> list[Call]:
        with self._changed:
            self._changed.wait_for(lambda: self._waiting)
            deadline = time.monotonic() + PATIENCE_SECONDS
            while len(self._waiting) < BATCH_ROWS and (left := deadline - time.monotonic()) > 0:
                if not self._changed.wait(min(QUIET_SECONDS, left)):
                    break
            batch = take_batch(list(self._waiting))
            taken = {id(call) for call in batch}
            self._waiting = deque(call for call in self._waiting if id(call) not in taken)
            return batch


def take_batch(waiting: Sequence[Call]) -> list[Call]:
    """The first call, and those behind it that share its key, as far as rows and padded tokens allow."""
    batch: list[Call] = []
    longest = 0
    for call in waiting:
        if call.key != waiting[0].key:
            continue
        longest = max(longest, call.tokens)
        if batch and (len(batch) == BATCH_ROWS or longest * (len(batch) + 1) > BATCH_TOKENS):
            break
        batch.append(call)
    return batch


_dispatcher = Dispatcher()


def dispatcher() -> Dispatcher:
    """The process's own."""
    return _dispatcher


def _forget_after_fork() -> None:
    # The thread stayed in the parent, and so did those who wait for what it computes.
    global _dispatcher
    _dispatcher = Dispatcher()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_after_fork)
