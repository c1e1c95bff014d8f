"""Finetuned models in folders: what the daemon reads of them. It never opens their weights."""

from pathlib import Path
from typing import Any, Literal

import msgspec

MANIFEST = "student.json"


class StudentManifest(msgspec.Struct, frozen=True, kw_only=True):
    """Of `student.json`, what matters here. `optim/finetune/student.py` writes it."""

    source: dict[str, Any]
    method: str
    tasks: list[str]
    weights: Literal["model", "adapter"]
    """The folder inside that has them."""
    fingerprint: str


def read_manifest(folder: Path) -> StudentManifest | None:
    """None where there is none that can be read."""
    try:
        return msgspec.json.decode((folder / MANIFEST).read_bytes(), type=StudentManifest)
    except (OSError, msgspec.DecodeError):
        return None


def has_weights(folder: Path, manifest: StudentManifest) -> bool:
    try:
        return any((folder / manifest.weights).glob("*.safetensors"))
    except OSError:
        return False
