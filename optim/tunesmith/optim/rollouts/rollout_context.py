"""What the LM wrapper must know of the rollout it is called in.

Carried in dspy's own settings, because those reach every thread and task dspy starts; a context variable of ours
would not reach `dspy.Parallel`.
"""

import threading
from typing import Any

SETTING = "tunesmith_rollout"


class RolloutContext:
    """One rollout under way."""

    def __init__(self, key: str) -> None:
        self.key = key
        self.stopped = False
        """A call was refused; whatever the program made of that is no result."""
        self.outage: BaseException | None = None
        """A call failed for good for reasons that lie outside the program."""
        self.calls_by_step: dict[str | None, list[str]] = {}
        """Keys of LM calls by the id dspy's callbacks gave the step that made them."""
        self._lock = threading.Lock()
        self._occurrences: dict[str, int] = {}

    def occurrence(self, request_digest: str) -> int:
        """How often this request was made in this rollout before: equal requests are kept apart by their number."""
        with self._lock:
            count = self._occurrences.get(request_digest, 0)
            self._occurrences[request_digest] = count + 1
            return count

    def note_call(self, key: str, step_id: str | None) -> None:
        with self._lock:
            self.calls_by_step.setdefault(step_id, []).append(key)


def current_rollout() -> RolloutContext | None:
    from dspy import settings

    context: Any = settings.get(SETTING)
    return context if isinstance(context, RolloutContext) else None
