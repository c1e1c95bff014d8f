"""Asking the prompt model, which may be down, or may answer nonsense."""

import zlib
from collections.abc import Callable
from typing import Any

from tunesmith.optim.dspy_types import LanguageModel
from tunesmith.protocol import StoreError

ANSWER_TOKENS = 2000
"""Room for several instructions: an LM set up for short answers is given this much."""
ATTEMPTS = 2


def can_write(lm: LanguageModel | None) -> bool:
    """Models of our own catalog are too small to write instructions: templates do better."""
    return not getattr(lm, "is_local", False)


class PromptModel:
    """A dspy LM that writes. What makes it fall silent is said once, through `warn`."""

    def __init__(self, lm: LanguageModel | None, *, temperature: float, seed: int, warn: Callable[[str], None]) -> None:
        """`lm`: None for none at all."""
        self._lm, self._temperature, self._seed, self._warn = lm, temperature, seed, warn
        self._is_silent = lm is None
        self._is_useless = False
        self._warned = False
        self.calls = 0
        """Answered."""

    @property
    def is_silent(self) -> bool:
        """Not to be asked any more: there is none, it is out of reach, or it answers nothing of use."""
        return self._is_silent

    def ask(self, prompt: str, purpose: str) -> str | None:
        """The answer; None where there was none after a second attempt.

        `purpose` tells apart what must not be answered from a cache: the same question with another purpose is
        sampled afresh. Errors of the store and the end of the run pass; any other error is an outage.
        """
        if self._is_silent or self._lm is None:
            return None
        sendable = prompt.encode("utf-8", "replace").decode("utf-8")
        settings = self._settings(purpose)
        for attempt in range(1, ATTEMPTS + 1):
            try:
                # A text alone: lists of messages are on their way out of dspy (3.4 warns of them).
                outputs = self._lm(sendable, **settings)
                self.calls += 1
                return text_of(outputs)
            except StoreError:
                raise
            except Exception as error:  # noqa: BLE001 (an LM may raise anything)
                if isinstance(error, TypeError):
                    settings = {}  # an LM of the user's own may take no settings
                if attempt == ATTEMPTS:
                    self._fall_silent(f"could not be reached ({type(error).__name__}: {_first_line(error)})")
        return None

    def give_up(self) -> None:
        """Its answers were of no use: another one would not be either."""
        self._is_useless = True
        self._fall_silent("gave no usable instructions")

    def listen_again(self) -> None:
        """An outage may be over by now. Answers of no use stay so."""
        if self._lm is not None and not self._is_useless:
            self._is_silent = False

    def _fall_silent(self, what: str) -> None:
        self._is_silent = True
        if not self._warned:
            self._warned = True
            name = getattr(self._lm, "model", type(self._lm).__name__)
            self._warn(f"The prompt model {name} {what}: instructions are composed from templates in its place.")

    def _settings(self, purpose: str) -> dict[str, Any]:
        settings: dict[str, Any] = {"temperature": self._temperature}
        if self._temperature > 0:
            # dspy's caches tell calls apart by it, at temperatures above 0.
            settings["rollout_id"] = zlib.crc32(f"{self._seed} {purpose}".encode())
        own = getattr(self._lm, "kwargs", None) or {}
        for name in ("max_tokens", "max_completion_tokens"):
            if isinstance(own.get(name), int) and own[name] < ANSWER_TOKENS:
                settings[name] = ANSWER_TOKENS
        return settings


def text_of(outputs: Any) -> str:
    """The text an LM object returned: a list of texts, or of dicts with `text`."""
    if isinstance(outputs, str):
        return outputs
    first = outputs[0] if isinstance(outputs, list) and outputs else outputs
    text = (
        first.get("text")
        if isinstance(first, dict)
        else first
        if isinstance(first, str)
        else getattr(first, "text", "")
    )
    return text if isinstance(text, str) else ""


def _first_line(error: Exception) -> str:
    line = next(iter(str(error).splitlines()), "")
    return line if len(line) <= 200 else line[:199] + "…"
