"""The beginning that all prompts of one predictor share."""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from tunesmith.optim.adapters import Message
from tunesmith.optim.finetune.prompting import Prompting

Kept = TypeVar("Kept")

ELSEWHERE = ("\u00a4", "7")
"""Last messages that begin like no other, and unlike each other."""


def shared_length(prompting: Prompting, messages: Sequence[Message], prompt: Sequence[int]) -> int:
    """How many of the `prompt`'s tokens do not depend on its last message: instructions and demos.

    Found by asking the tokenizer what the prompt would be with another one. Always less than the whole prompt.
    """
    if len(messages) < 2:
        return 0
    last = messages[-1]
    other = ELSEWHERE[last.content.startswith(ELSEWHERE[0])]
    elsewhere = prompting.prompt_ids([*messages[:-1], Message(role=last.role, content=other)])
    pairs = zip(prompt[:-1], elsewhere, strict=False)
    return next((place for place, (one, two) in enumerate(pairs) if one != two), min(len(prompt) - 1, len(elsewhere)))


class KeptPrefixes(Generic[Kept]):
    """What was computed for the prefixes used last, at most `room` tokens of them. For one thread."""

    def __init__(self, room: int) -> None:
        self._room = room
        self._kept: OrderedDict[tuple[int, ...], Kept] = OrderedDict()

    def get(self, key: tuple[int, ...], compute: Callable[[], Kept]) -> tuple[Kept, bool]:
        """The value, and whether it was there already."""
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key], True
        self._kept[key] = value = compute()
        while len(self._kept) > 1 and sum(map(len, self._kept)) > self._room:
            self._kept.popitem(last=False)
        return value, False
