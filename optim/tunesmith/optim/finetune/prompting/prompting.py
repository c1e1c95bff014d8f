"""What trainer and engines ask of a model's way to be prompted."""

from collections.abc import Sequence
from typing import Protocol

from tunesmith.optim.adapters import Message


class Prompting(Protocol):
    """Token ids of prompts and answers of one model."""

    end_ids: Sequence[int]
    """Each ends an answer."""

    def prompt_ids(self, messages: Sequence[Message]) -> list[int]:
        """A prompt up to where the answer begins."""
        ...

    def target_ids(self, target: str, messages: Sequence[Message]) -> list[int]:
        """An answer, the token that ends it included."""
        ...

    def answer(self, ids: Sequence[int], messages: Sequence[Message]) -> str:
        """The answer's text as the adapter expects it, from the ids a model generated, its end included or not."""
        ...

    def is_expressible(self, target: str, messages: Sequence[Message]) -> bool:
        """Whether `answer(target_ids(target))` says the same as `target` to the adapter."""
        ...
