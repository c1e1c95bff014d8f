"""A finetuned model as a folder: the file that describes it, and the folders beside that file."""

from pathlib import Path
from typing import Literal

import msgspec
from msgspec import Struct

MANIFEST = "student.json"
MODEL, ADAPTER, TOKENIZER = "model", "adapter", "tokenizer"
"""Folders inside: a complete Hugging Face model, or peft weights on top of the source; and its tokenizer."""

Method = Literal["full", "lora", "prompt"]
"""Which weights change: all of them, low-rank additions to every linear layer, or a prefix of input embeddings."""

Architecture = Literal["causal", "seq2seq"]


class ModelSource(Struct, frozen=True, kw_only=True):
    """A model as it was named, and what that turned out to be."""

    name: str
    """As the user wrote it: `local/smollm2-135m`, a folder, a GGUF file, a Hugging Face id."""
    kind: Literal["gguf", "folder", "hub"]
    path: str | None = None
    """Absolute: the GGUF file or the folder; None for a model of the hub."""


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
