"""A student: the folder training leaves behind, and its manifest."""

from pathlib import Path
from typing import Literal

import msgspec
from msgspec import Struct

from tunesmith.optim.finetune.models.source import ModelSource
from tunesmith.optim.finetune.settings import Architecture, Method

MANIFEST = "student.json"
MODEL, ADAPTER, TOKENIZER = "model", "adapter", "tokenizer"
"""Folders inside: a complete Hugging Face model, or peft weights on top of the source; and its tokenizer."""


class Student(Struct, frozen=True, kw_only=True):
    """`student.json`."""

    version: int = 1
    source: ModelSource
    architecture: Architecture
    method: Method
    tasks: list[str]
    """The predictors it answers for; the place in the list is the task's number for soft prompts of several."""
    weights: Literal["model", "adapter"]
    max_new_tokens: int
    """Longest target it learned, with room to spare."""
    fingerprint: str
    """SHA-256 of the weight files, by name."""
    created: float
    """Seconds since the epoch."""


def read_student(folder: Path) -> Student:
    """Raises `OSError` or `msgspec.DecodeError` where there is no readable manifest."""
    return msgspec.json.decode((folder / MANIFEST).read_bytes(), type=Student)


def write_student(folder: Path, student: Student) -> None:
    scratch = folder / f".{MANIFEST}"
    scratch.write_bytes(msgspec.json.format(msgspec.json.encode(student), indent=2) + b"\n")
    scratch.replace(folder / MANIFEST)
