"""A language model for tests: answers by a function and counts what it was asked, on every dspy we support."""

import re
import threading
from collections.abc import Callable
from typing import Any

from dspy.utils import DummyLM

Answer = Callable[[str], dict[str, Any]]
"""From the last message to the output fields; may raise."""


class ScriptedLM(DummyLM):
    """Calls made are in `asked`, shared with every copy of it. Raised errors reach the caller as dspy passes them."""

    def __init__(self, answer: Answer, *, model: str = "scripted", num_retries: int = 0) -> None:
        super().__init__([], follow_examples=True)
        self.answer = answer
        self.asked: list[str] = []
        self.demos_shown: list[int] = []
        self.lock = threading.Lock()
        self.model = model
        self.num_retries = num_retries

    def __getstate__(self) -> dict[str, Any]:
        # A lock cannot be copied deeply; copies may share it.
        return {name: value for name, value in self.__dict__.items() if name != "lock"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state, lock=threading.Lock())

    def _use_example(self, messages: list[dict[str, Any]]) -> str:
        asked = messages[-1]["content"]
        self.asked.append(asked)
        self.demos_shown.append(sum(message["role"] == "assistant" for message in messages))
        answer: str = self._format_answer_fields(self.answer(asked))
        return answer


def field(name: str, message: str) -> str:
    """The value of an input field in a ChatAdapter message."""
    found = re.search(rf"\[\[ ## {name} ## \]\]\n(.*?)(?=\n\n|\Z)", message, re.DOTALL)
    assert found is not None, f"no field {name} in {message!r}"
    return found.group(1)
