"""What a student is asked, and what it answers: the same for every engine, for dspy and for HTTP."""

from collections.abc import Sequence
from typing import Literal, Protocol

from msgspec import Struct

from tunesmith.optim.adapters import Message


class Ask(Struct, frozen=True, kw_only=True):
    """One question, with how it is to be answered."""

    messages: list[Message]
    max_tokens: int
    temperature: float = 0.0
    """0: greedy."""
    top_p: float = 1.0
    stop: list[str] = []
    """Texts an answer ends before."""
    seed: int | None = None
    """Of the draws where the temperature is above 0; None: another one each time."""
    task: int = 0
    """Which of a multi-task soft prompt's tasks it is."""


class Answer(Struct, frozen=True, kw_only=True):
    """What an engine wrote."""

    text: str
    """As the adapter expects it."""
    finish: Literal["stop", "length"]
    prompt_tokens: int
    cached_tokens: int = 0
    """Of the prompt, those that an earlier call had computed."""
    completion_tokens: int


class PromptTooLong(ValueError):
    """The prompt fills the positions that a model has, so that no token could follow."""

    def __init__(self, tokens: int, context: int) -> None:
        super().__init__(f"a prompt of {tokens} tokens leaves no room in the model's context of {context}")


class Backend(Protocol):
    """A loaded model. Many threads may ask at once."""

    def answer(self, ask: Ask) -> Answer:
        """The model's answer; blocks until it is there. Raises `PromptTooLong`, and `FinetuneError` where the model
        cannot be loaded."""
        ...


def cut_at_stop(text: str, stop: Sequence[str]) -> str | None:
    """The text before the first stop, or None where there is none."""
    places = [place for end in stop if end and (place := text.find(end)) >= 0]
    return text[: min(places)] if places else None


def message_of(role: str, content: str) -> Message:
    """Roles that models do not know are those nearest to them."""
    if role in ("system", "developer"):
        return Message(role="system", content=content)
    return Message(role="assistant" if role == "assistant" else "user", content=content)


def without_prefill(messages: Sequence[Message]) -> list[Message]:
    """A student writes its answer from the start: a beginning put into its mouth is left out."""
    end = len(messages)
    while end > 1 and messages[end - 1].role == "assistant":
        end -= 1
    return list(messages[:end])
