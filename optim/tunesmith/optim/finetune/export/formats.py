"""The formats, and what was exported in them beside a student: `exports/FORMAT/`, each with its origin."""

from pathlib import Path
from typing import Literal, get_args

import msgspec
from msgspec import Struct

from tunesmith.protocol.student import EXPORTS

Format = Literal["hf", "ctranslate2", "gguf"]
FORMATS: tuple[Format, ...] = get_args(Format)

RECORD = "export.json"
GGUF_FILE = "student.gguf"


class ExportRecord(Struct, frozen=True, kw_only=True):
    """`export.json`, written last: an export without it is unfinished."""

    fingerprint: str
    """Of the student's weights."""


def export_folder(student: Path, format_: str) -> Path:
    """Where `load_student` looks for a student's export in this format; it need not exist."""
    return student / EXPORTS / format_


def exported(student: Path, format_: str, fingerprint: str) -> Path | None:
    """The folder of a student's export, if it is complete and made from the weights of this fingerprint; else None."""
    folder = export_folder(student, format_)
    try:
        record = msgspec.json.decode((folder / RECORD).read_bytes(), type=ExportRecord)
    except (OSError, msgspec.DecodeError):
        return None
    return folder if record.fingerprint == fingerprint else None


def write_record(folder: Path, fingerprint: str) -> None:
    """Ends an export into `folder`. Raises `OSError`."""
    (folder / RECORD).write_bytes(msgspec.json.encode(ExportRecord(fingerprint=fingerprint)))
