"""Where a model comes from."""

from typing import Literal

from msgspec import Struct


class ModelSource(Struct, frozen=True, kw_only=True):
    """A model as it was named, and what that turned out to be."""

    name: str
    """As the user wrote it: `local/smollm2-135m`, a folder, a GGUF file, a Hugging Face id."""
    kind: Literal["gguf", "folder", "hub"]
    path: str | None = None
    """Absolute: the GGUF file or the folder; None for a model of the hub."""
