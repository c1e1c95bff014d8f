"""The Python files of a folder, and the cheap look into each that decides whether it is worth parsing."""

import os
import tokenize
from io import BytesIO
from typing import NamedTuple

from tunesmith.server.index.imports import STANDARD_LIBRARY

MAX_BYTES = 8 << 20
"""Larger files are data, not programs."""
_SKIPPED = frozenset({"node_modules", "site-packages", "__pycache__", "__pypackages__"})


class Stamp(NamedTuple):
    """What says that a file is unchanged."""

    mtime_ns: int
    size: int


class Glance(NamedTuple):
    """What the bytes of a file say before it is parsed."""

    mentions: bool
    """It names dspy."""
    imports: list[str]
    """Modules it imports, dotted, leading dots kept; the standard library's left out."""


def list_files(root: str) -> dict[str, Stamp]:
    """Every `.py` file below the root, relative with forward slashes.

    Hidden folders, virtual environments, installed packages and links to folders are left out; folders that cannot
    be read are skipped.
    """
    found: dict[str, Stamp] = {}
    pending = [("", root)]
    while pending:
        prefix, folder = pending.pop()
        folders: list[tuple[str, str]] = []
        files: dict[str, Stamp] = {}
        try:
            with os.scandir(folder) as entries:
                for entry in entries:
                    name = entry.name
                    if name.endswith(".py"):
                        stamp = _stamp(entry)
                        if stamp is not None:
                            files[prefix + name] = stamp
                            continue
                    if name == "pyvenv.cfg":
                        folders, files = [], {}
                        break
                    if name[0] != "." and name not in _SKIPPED and entry.is_dir(follow_symlinks=False):
                        folders.append((f"{prefix}{name}/", entry.path))
        except OSError:
            continue
        pending.extend(folders)
        found.update(files)
    return found


def _stamp(entry: "os.DirEntry[str]") -> Stamp | None:
    try:
        if not entry.is_file():
            return None
        status = entry.stat()
    except OSError:
        return None
    return Stamp(status.st_mtime_ns, status.st_size)


def stamp_of(path: str) -> Stamp | None:
    try:
        status = os.stat(path)  # noqa: PTH116 a Path costs more than the call, thousands of times
    except OSError:
        return None
    return Stamp(status.st_mtime_ns, status.st_size)


def read_bytes(path: str) -> bytes | None:
    """The file's bytes; None where it cannot be read or is too large to be a program."""
    try:
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
    except OSError:
        return None
    try:
        size = os.fstat(handle).st_size
        if size > MAX_BYTES:
            return None
        data = os.read(handle, size + 1)
        while len(data) < size:
            more = os.read(handle, size - len(data) + 1)
            if not more:
                break
            data += more
        return data
    except OSError:
        return None
    finally:
        os.close(handle)


def glance(data: bytes) -> Glance:
    if b"dspy" in data:
        return Glance(True, [])
    return Glance(False, imported_modules(data))


def imported_modules(data: bytes) -> list[str]:
    """Modules named on import lines, one line each: `from a.b import c` gives `a.b` and `a.b.c`."""
    found: dict[str, None] = {}
    at = data.find(b"import ")
    while at >= 0:
        start = data.rfind(b"\n", 0, at) + 1
        end = data.find(b"\n", at)
        line = data[start : end if end >= 0 else len(data)].strip()
        if line.startswith(b"from "):
            words = line.split(None, 3)
            if len(words) == 4 and words[2] == b"import":
                module = words[1].decode("utf-8", errors="replace")
                if module.partition(".")[0] not in STANDARD_LIBRARY:
                    found[module] = None
                    separator = "" if module.endswith(".") else "."
                    for name in words[3].strip(b"() \\").split(b","):
                        words_of_name = name.split(None, 1)
                        if words_of_name:
                            found[module + separator + words_of_name[0].decode("utf-8", errors="replace")] = None
        elif line.startswith(b"import "):
            for part in line[7:].split(b","):
                words_of_part = part.split(None, 1)
                module = words_of_part[0].decode("utf-8", errors="replace") if words_of_part else ""
                if module and module.partition(".")[0] not in STANDARD_LIBRARY:
                    found[module] = None
        at = data.find(b"import ", end) if end >= 0 else -1
    return list(found)


def decode(data: bytes) -> str:
    """The text of a source file: UTF-8, else what its coding line declares, else with replacement characters."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    try:
        encoding, _ = tokenize.detect_encoding(BytesIO(data).readline)
        return data.decode(encoding)
    except (SyntaxError, UnicodeDecodeError, LookupError):
        return data.decode("utf-8", errors="replace")
