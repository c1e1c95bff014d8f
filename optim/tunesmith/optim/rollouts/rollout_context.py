"""What the LM wrapper and the watched modules must know of the rollout they are called in.

Carried in dspy's own settings, because those reach every thread and task dspy starts; a context variable of ours
would not reach `dspy.Parallel`.
"""

import threading
import time
from typing import Any, Literal

SETTING = "tunesmith_rollout"


class Turn:
    """A step under way. Keeps the outputs themselves, so that their identity can be matched with dspy's trace."""

    __slots__ = ("calls", "error", "inputs", "kind", "name", "outputs", "seconds", "started")

    def __init__(self, kind: Literal["predictor", "tool", "retriever"], name: str, inputs: dict[str, Any]) -> None:
        self.kind, self.name, self.inputs = kind, name, inputs
        self.calls: list[str] = []
        self.outputs: Any = None
        self.error: BaseException | None = None
        self.started = time.monotonic()
        self.seconds = 0.0

    def end(self) -> None:
        """The step is over: its time is known."""
        self.seconds = time.monotonic() - self.started


class RolloutContext:
    """One rollout under way."""

    def __init__(self, key: str, calls_key: str) -> None:
        self.key = key
        self.calls_key = calls_key
        """Part of every LM call's key. The metric is not in it: what a model answered stays valid when that changes."""
        self.recording = True
        """The program runs; afterwards the metric, whose turns are not the program's."""
        self.turns: list[Turn] = []
        """In the order they began."""
        self.calls_outside: list[str] = []
        """Keys of LM calls made in no watched module's turn."""
        self.stopped = False
        """A call was refused; whatever the program made of that is no result."""
        self.outage: BaseException | None = None
        """A call failed for good for reasons that lie outside the program."""
        self._lock = threading.Lock()
        self._occurrences: dict[str, int] = {}

    def occurrence(self, request_digest: str) -> int:
        """How often this request was made in this rollout before: equal requests are kept apart by their number."""
        with self._lock:
            count = self._occurrences.get(request_digest, 0)
            self._occurrences[request_digest] = count + 1
            return count


def current_rollout() -> RolloutContext | None:
    """The rollout this thread or task works for; None outside of any."""
    from dspy.dsp.utils.settings import settings

    context: Any = settings.get(SETTING)
    return context if isinstance(context, RolloutContext) else None
