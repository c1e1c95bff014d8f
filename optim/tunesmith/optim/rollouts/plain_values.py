"""Values of a program as plain JSON data, for the store and for fingerprints.

Text, numbers, booleans, lists and dicts with text keys stay as they are. Pydantic models (dspy's own types among
them) become their fields; `Example`s and `Prediction`s theirs; anything else its `repr`. Embedded media, written as
`data:` URLs, become a placeholder with their length and digest: a store of prompts is no place for images.
"""

import hashlib
import math
import re
from typing import Any

import msgspec

_DATA_URL = re.compile(r"data:[\w.+-]+/[\w.+-]+;base64,[A-Za-z0-9+/=\s]{200,}")
_ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")


def to_plain(value: Any) -> Any:
    """`value` as plain JSON data."""
    if isinstance(value, str):
        return shorten_media(value) if "base64," in value else value
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else repr(value)
    if isinstance(value, dict):
        return {key if isinstance(key, str) else repr(key): to_plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [to_plain(item) for item in value]
    if isinstance(value, set | frozenset):
        return sorted((to_plain(item) for item in value), key=repr)
    return _object_to_plain(value)


def is_plain(value: Any) -> bool:
    """`to_plain(value)` equals `value` and gives it back after a trip through JSON."""
    if value is None or isinstance(value, bool):
        return True
    kind = type(value)
    if kind is str:
        return "base64," not in value
    if kind is int:
        return bool(abs(value) < 2**63)
    if kind is float:
        return math.isfinite(value)
    if kind is list:
        return all(is_plain(item) for item in value)
    if kind is dict:
        return all(type(key) is str and is_plain(item) for key, item in value.items())
    return False


def shorten_media(text: str) -> str:
    """Embedded media in `text` replaced by placeholders."""
    return _DATA_URL.sub(_placeholder, text)


def digest(*parts: Any) -> str:
    """A fingerprint of values `to_plain` understands: 40 hexadecimal digits, the same in every process."""
    hasher = hashlib.blake2b(digest_size=20)
    for part in parts:
        hasher.update(part.encode() if isinstance(part, str) else msgspec.json.encode(part, enc_hook=_object_to_plain))
        hasher.update(b"\0")
    return hasher.hexdigest()


def _placeholder(found: re.Match[str]) -> str:
    media = found.group()
    kind = media[5 : media.index(";")]
    return f"<{kind}, {len(media)} characters, {hashlib.blake2b(media.encode(), digest_size=8).hexdigest()}>"


def _object_to_plain(value: Any) -> Any:
    if isinstance(value, type):
        return f"{value.__module__}.{value.__qualname__}"
    for method in ("model_dump", "toDict"):
        if callable(dump := getattr(value, method, None)):
            try:
                return to_plain(dump())
            except (TypeError, ValueError, AttributeError, RecursionError):
                break
    return _ADDRESS.sub("", repr(value))
