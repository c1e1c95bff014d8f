"""A finetuned model as a folder: the file that describes it, and the folders beside that file.

Two structs read `student.json`. `Student` is all of it, for code that loads the model: a method or an architecture it
does not know is an error there. `StudentManifest` is the part that says which model it is, for code that only shows,
compares and copies students: it reads what another version wrote, whatever method that version knows.
"""

from pathlib import Path
from typing import Any, Literal

import msgspec
from msgspec import Struct

MANIFEST = "student.json"
MODEL, ADAPTER, TOKENIZER, EXPORTS = "model", "adapter", "tokenizer", "exports"
"""Folders inside: a complete Hugging Face model, or peft weights on top of the source; its tokenizer; and what was made
from it for other programs."""
PARTS = (MODEL, ADAPTER, TOKENIZER, EXPORTS)
"""What belongs to a student. What else training leaves beside it (rows, checkpoints) belongs to the run."""
WEIGHT_FILES = "*.safetensors"
"""In `MODEL` or `ADAPTER`."""

Method = Literal["full", "lora", "prompt"]
"""Which weights change: all of them, low-rank additions to every linear layer, or a prefix of input embeddings."""

Architecture = Literal["causal", "seq2seq"]
"""Decoder-only, or encoder and decoder."""

WeightsFolder = Literal["model", "adapter"]
"""Which of the two folders holds the weights."""


class ModelSource(Struct, frozen=True, kw_only=True):
    """A model as it was named, and what that turned out to be."""

    name: str
    """As the user wrote it: `local/smollm2-135m`, a folder, a GGUF file, a Hugging Face id."""
    kind: Literal["gguf", "folder", "hub"]
    path: str | None = None
    """Absolute: the GGUF file or the folder; None for a model of the hub."""


class Student(Struct, frozen=True, kw_only=True):
    """`student.json`, as its writer knows it."""

    version: int = 1
    source: ModelSource
    architecture: Architecture
    method: Method
    tasks: list[str]
    """The predictors it answers for; the place in the list is the task's number for soft prompts of several."""
    weights: WeightsFolder
    max_new_tokens: int
    """Longest target it learned, with room to spare."""
    fingerprint: str
    """SHA-256 of the weight files, by name."""
    created: float
    """Seconds since the epoch."""


class StudentManifest(Struct, frozen=True, kw_only=True):
    """`student.json` of any version: which model it is. The fields are those of `Student`."""

    source: dict[str, Any]
    method: str
    tasks: list[str]
    weights: WeightsFolder
    fingerprint: str


def read_student(folder: Path) -> Student:
    """Raises `OSError` or `msgspec.DecodeError` where there is no manifest that this version can read."""
    return msgspec.json.decode((folder / MANIFEST).read_bytes(), type=Student)


def write_student(folder: Path, student: Student) -> None:
    """Write the manifest, atomically. Raises `OSError`."""
    scratch = folder / f".{MANIFEST}"
    scratch.write_bytes(msgspec.json.format(msgspec.json.encode(student), indent=2) + b"\n")
    scratch.replace(folder / MANIFEST)


def read_manifest(folder: Path) -> StudentManifest | None:
    """None where there is none that can be read."""
    try:
        return msgspec.json.decode((folder / MANIFEST).read_bytes(), type=StudentManifest)
    except (OSError, msgspec.DecodeError):
        return None


def weight_files(folder: Path) -> list[Path]:
    """The files that a student's fingerprint is made of, sorted by path. Empty where there are none."""
    return sorted(file for part in (MODEL, ADAPTER) for file in (folder / part).glob(WEIGHT_FILES))


def has_weights(folder: Path, manifest: StudentManifest) -> bool:
    """Whether the folder that the manifest names holds weight files. They are not opened."""
    try:
        return any((folder / manifest.weights).glob(WEIGHT_FILES))
    except OSError:
        return False
