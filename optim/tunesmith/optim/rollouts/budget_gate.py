"""Caps on what a run may spend, checked before every LM call.

A call takes its place before it is sent: calls in flight count as made, and as costing what the dearest call so far
cost. So `max_calls` is never exceeded by any number of threads, and `max_usd` by no more than the calls in flight
before the first price is known. What an earlier execution of the same run spent counts.
"""

import threading
import time

from tunesmith.protocol import Budget, Totals


class BudgetGate:
    """Thread safe. `max_seconds` is the wall time of this execution."""

    def __init__(self, budget: Budget, spent: Totals) -> None:
        self._budget = budget
        self._lock = threading.Lock()
        self._started = time.monotonic()
        self._calls = spent.calls
        self._usd = spent.usd or 0.0
        self._in_flight = 0
        self._dearest = self._usd / self._calls if self._calls else 0.0

    def enter(self) -> str | None:
        """Take a place for one call, or say which cap forbids it. Pair every None with one `leave`."""
        budget = self._budget
        with self._lock:
            if budget.max_calls is not None and self._calls + self._in_flight >= budget.max_calls:
                return f"budget met: {budget.max_calls} LM calls"
            if budget.max_usd is not None:
                foreseen = self._usd + (self._in_flight + 1) * self._dearest
                if self._usd >= budget.max_usd or foreseen > budget.max_usd:
                    return f"budget met: {budget.max_usd:g} USD"
            if budget.max_seconds is not None and time.monotonic() - self._started >= budget.max_seconds:
                return f"budget met: {budget.max_seconds:g} seconds"
            self._in_flight += 1
            return None

    def leave(self, *, paid: bool, usd: float | None) -> None:
        """Give the place back: the call failed or came from a cache (not `paid`), or was answered for `usd`."""
        with self._lock:
            self._in_flight -= 1
            if paid:
                self._calls += 1
                self._usd += usd or 0.0
                self._dearest = max(self._dearest, usd or 0.0)
