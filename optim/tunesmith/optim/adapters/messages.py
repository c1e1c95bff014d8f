"""Chat messages as every adapter writes them."""

from typing import Literal

from msgspec import Struct

CHARACTERS_PER_TOKEN = 4
"""English text under common tokenizers; good enough to prefer the shorter of two demos."""


class Message(Struct, frozen=True):
    role: Literal["system", "user", "assistant"]
    content: str
