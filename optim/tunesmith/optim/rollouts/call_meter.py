"""What one LM call cost, read from what dspy itself records of it."""

from collections.abc import Mapping
from typing import Any

from msgspec import Struct


class Cost(Struct, frozen=True):
    """Of one call, as far as it is known."""

    prompt_tokens: int
    completion_tokens: int
    usd: float | None
    """None: at a price nobody knows."""
    cache_hit: bool
    """dspy had the answer: nothing was paid."""


class CallMeter:
    """Stands in for dspy's usage tracker and history during one call.

    dspy reports usage to `settings.usage_tracker` only where the answer did not come from its cache, and writes
    usage and (litellm's or its own offline) price into the history entry. What it reports is passed on to the
    tracker that was set before.
    """

    def __init__(self, outer: Any, *, history_disabled: bool) -> None:
        self._outer = outer
        self.history_disabled = history_disabled
        """The user keeps no history: an entry is read here and dropped."""
        self._usage_reported = False
        self.entry: Mapping[str, Any] | None = None

    def add_usage(self, lm: str, usage_entry: dict[str, Any]) -> None:
        """dspy calls it after a call that its cache did not answer."""
        self._usage_reported = True
        if self._outer is not None:
            self._outer.add_usage(lm, usage_entry)

    def get_total_tokens(self) -> Any:
        """Of the tracker that was set before."""
        return self._outer.get_total_tokens() if self._outer is not None else {}

    def read(self, *, local: bool) -> Cost:
        """The call's cost; `local`: a model on this machine, whose calls are free."""
        entry = self.entry
        if entry is None:
            # An LM class that records nothing: it was called, at a price nobody knows.
            return Cost(0, 0, 0.0 if local else None, cache_hit=False)
        usage = entry.get("usage") or {}
        response = entry.get("response")
        cache_hit = bool(getattr(response, "cache_hit", False)) or not (self._usage_reported or _is_typed(entry))
        usd = 0.0 if cache_hit or local else _price(entry)
        return Cost(_count(usage, "prompt_tokens"), _count(usage, "completion_tokens"), usd, cache_hit)


def _is_typed(entry: Mapping[str, Any]) -> bool:
    """dspy 3.3's typed path: reports usage only where there is some, and marks cache hits on the response."""
    return not isinstance(entry, dict)


def _price(entry: Mapping[str, Any]) -> float | None:
    cost = entry.get("cost")
    return float(cost) if isinstance(cost, int | float) else None


def _count(usage: Any, name: str) -> int:
    value = usage.get(name) if isinstance(usage, Mapping) else getattr(usage, name, None)
    return value if isinstance(value, int) else 0
