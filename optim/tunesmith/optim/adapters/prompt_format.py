"""What must be known of how an adapter writes prompts and reads answers, beyond what dspy's own methods do."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from tunesmith.optim.adapters.messages import Message


class Constraint(NamedTuple):
    """What the answers to one signature look like: the fixed beginning, and a grammar of the rest."""

    prefill: str
    """How every answer starts. It goes into the prompt and is never generated."""
    grammar: str
    """What may follow, in GBNF."""


class PromptTask(Protocol):
    """A predictor's prompt taken apart: what its messages share, and how to read each of them."""

    @property
    def objective(self) -> str:
        """The signature's instructions on one line."""
        ...

    @property
    def outputs(self) -> Sequence[str]:
        """Names of the fields that are asked for, in order."""
        ...

    def turn_fields(self, message: Message) -> dict[str, str]:
        """Values by field in one message after the system message: inputs in a user's, outputs in an answer that is
        shown as a demo. Fields that a demo lacks are left out."""
        ...

    def answer_fields(self, text: str) -> dict[str, str]:
        """Values by output field, as the adapter reads an answer; fields it does not find are left out."""
        ...

    def answer_text(self, fields: Mapping[str, str]) -> str:
        """An answer as the adapter asks for it."""
        ...


class PromptFormat(Protocol):
    """How one adapter writes prompts."""

    tokens_per_field: int
    """Written around a value: its marker and line breaks."""
    system_tokens: int
    """Of a system message, with a long instruction."""
    short_form_share: float
    """What is left of a prompt that a text-to-text model reads in its short form; of 1."""

    def read_task(self, messages: Sequence[Message]) -> PromptTask | None:
        """None for messages in another format."""
        ...

    def constrain(self, fields: Mapping[str, Any]) -> Constraint | None:
        """The constraint of output fields (name → annotation, in order); None where a type has no grammar."""
        ...
