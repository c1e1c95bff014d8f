"""A predictor's turn as text: its prompt as chat messages, and its answer, as an adapter writes them."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from msgspec import Struct

from tunesmith.optim.dspy_types import Adapter, Signature

CHARACTERS_PER_TOKEN = 4
"""English text under common tokenizers; good enough to prefer the shorter of two demos."""

_ROLES = ("system", "user", "assistant")


class Message(Struct, frozen=True):
    """A chat message that is text and nothing else."""

    role: Literal["system", "user", "assistant"]
    content: str


def render_prompt(
    adapter: Adapter, signature: Signature, demos: Sequence[Any], inputs: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """What the adapter sends for a turn: dicts with `role` and `content`, a text or a list of parts.

    Raises what the adapter raises.
    """
    return adapter.format(signature, list(demos), dict(inputs))


def plain_messages(rendered: Sequence[Mapping[str, Any]]) -> list[Message] | None:
    """The messages as plain text; None where one is more than that: an image, a call of a tool."""
    messages = [_plain_message(message) for message in rendered]
    return None if None in messages else [message for message in messages if message is not None]


def render_answer(adapter: Adapter, signature: Signature, outputs: Mapping[str, Any]) -> str:
    """The outputs as the adapter asks a model to write them. Raises what the adapter raises."""
    return adapter.format_assistant_message_content(signature, dict(outputs))


def readable_answer(adapter: Adapter, signature: Signature, outputs: Mapping[str, Any]) -> str | None:
    """`render_answer` without space at the end; None where the adapter cannot read that back.

    Adapters that may ask a model to read an answer are not tried.
    """
    import dspy
    from dspy.utils.exceptions import AdapterParseError

    answer = render_answer(adapter, signature, outputs).rstrip()
    if not isinstance(adapter, dspy.ChatAdapter):
        return answer
    try:
        read = adapter.parse(signature, answer)
    except (AdapterParseError, ValueError):
        return None
    again = render_answer(adapter, signature, read)
    return answer if again.split() == answer.split() else None


def _plain_message(message: Mapping[str, Any]) -> Message | None:
    role, content = message.get("role"), message.get("content")
    if role not in _ROLES or any(value is not None for key, value in message.items() if key not in ("role", "content")):
        return None
    if isinstance(content, list) and all(part.get("type") == "text" for part in content):
        content = "".join(part["text"] for part in content)
    return Message(role=role, content=content) if isinstance(content, str) else None
