"""The formats that are known, and which one an adapter writes."""

from collections.abc import Mapping, Sequence
from typing import Any

from tunesmith.optim.adapters.chat_format import ChatFormat
from tunesmith.optim.adapters.messages import Message
from tunesmith.optim.adapters.prompt_format import Constraint, PromptFormat, PromptTask


class PlainFormat:
    """`PromptFormat` of adapters about which nothing is known: sizes are taken to be like the best known one's."""

    tokens_per_field = ChatFormat.tokens_per_field
    system_tokens = ChatFormat.system_tokens
    short_form_share = ChatFormat.short_form_share

    def read_task(self, messages: Sequence[Message]) -> PromptTask | None:
        return None

    def constrain(self, fields: Mapping[str, Any]) -> Constraint | None:
        return None


PLAIN = PlainFormat()
FORMATS: Mapping[str, PromptFormat] = {
    "ChatAdapter": ChatFormat(),
}
"""By the name of dspy's class that writes it."""


def format_of(adapter: Any) -> PromptFormat:
    """The format of the first of dspy's own classes that the adapter is or derives from, where it is known."""
    own = (cls.__name__ for cls in type(adapter).__mro__ if cls.__module__.startswith("dspy.adapters."))
    return FORMATS.get(next(own, ""), PLAIN)


def read_task(messages: Sequence[Message]) -> PromptTask | None:
    """A prompt taken apart by the format that wrote it; None where none of the known ones did."""
    return next((task for known in FORMATS.values() if (task := known.read_task(messages)) is not None), None)
