"""A student's folder looked over: cheap, and without torch."""

from pathlib import Path
from typing import Any

import msgspec

from tunesmith.optim.errors import OptimError
from tunesmith.optim.finetune.base_models import identify
from tunesmith.optim.finetune.errors import StudentMissing
from tunesmith.optim.finetune.strategies import weights_fingerprint
from tunesmith.protocol.errors import ProtocolError
from tunesmith.protocol.student import (
    ADAPTER,
    MANIFEST,
    MODEL,
    TOKENIZER,
    ModelSource,
    Student,
    read_student,
    weight_files,
)


def checked_student(folder: Path) -> Student:
    """The manifest, after a look whether all it promises is there. Raises `StudentMissing`."""
    if not folder.is_dir():
        raise StudentMissing(folder, "there is no such folder")
    try:
        student = read_student(folder)
    except FileNotFoundError:
        raise StudentMissing(folder, f"it holds no {MANIFEST}") from None
    except (OSError, msgspec.DecodeError) as error:
        raise StudentMissing(folder, f"its {MANIFEST} cannot be read ({error})") from error
    weights = MODEL if student.weights == "model" else ADAPTER
    for part in (weights, TOKENIZER):
        if not (folder / part).is_dir():
            raise StudentMissing(folder, f"its {part} folder is gone")
    if known_fingerprint(folder) != student.fingerprint:
        raise StudentMissing(folder, "its weights are not those it was saved with")
    return student


_fingerprints: dict[tuple[Any, ...], str] = {}


def known_fingerprint(folder: Path) -> str:
    """`weights_fingerprint`, computed once for files that did not change. Raises `StudentMissing`."""
    stats = [(str(file), file.stat()) for file in weight_files(folder)]
    key = tuple((name, stat.st_size, stat.st_mtime_ns, stat.st_ino) for name, stat in stats)
    if key not in _fingerprints:
        _fingerprints[key] = weights_fingerprint(folder)
    return _fingerprints[key]


def present_source(folder: Path, student: Student) -> ModelSource:
    """Where the model it was tuned from lies on this machine. Raises `StudentMissing` where an adapter lost it."""
    source = student.source
    if student.weights == "model" or source.path is None or Path(source.path).exists():
        return source
    try:
        return identify(source.name)
    except (OptimError, ProtocolError) as error:
        raise StudentMissing(folder, f"the model it was tuned from, {source.path}, is gone") from error
