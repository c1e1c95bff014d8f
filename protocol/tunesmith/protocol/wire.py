"""The base of every message and row, and the protocol's version.

One spelling everywhere: field names are the same on the wire, in `--json` output, in the run store and in
`report.json`. Unknown fields are ignored, so an older peer reads a newer message.
"""

from typing import Any, TypeVar

import msgspec

PROTOCOL_VERSION = 3
"""Raised when a peer of the previous version could misread a message. Exchanged first on every link."""

T = TypeVar("T")


class Wire(msgspec.Struct, frozen=True, kw_only=True):
    """A message, a row, or a part of one: immutable, plain data, JSON in both directions."""


def encode(value: Any) -> bytes:
    """JSON of a `Wire` value (or plain data), UTF-8, without line breaks."""
    return msgspec.json.encode(value)


def decode(data: bytes | str, type_: type[T]) -> T:
    """A `Wire` value from JSON. Raises `msgspec.ValidationError` where the data does not fit."""
    return msgspec.json.decode(data, type=type_)
