"""Facts kept between starts: one msgpack file a workspace, in the user's cache folder.

What was read from an open, unsaved document never gets here. A file that cannot be read, decoded or written is as
good as none. `TUNESMITH_CACHE` names another folder.
"""

import contextlib
import hashlib
import os
import tempfile
import time
from pathlib import Path

import msgspec
from msgspec import Struct

from tunesmith.server.index.facts import FileFacts
from tunesmith.server.index.workspace_files import Stamp

_SETTLED_NS = 2_000_000_000
"""A file changed more recently than this may change again without its time or size showing it."""


class CachedFile(Struct, array_like=True):
    """What is known of a file while its stamp holds."""

    mtime_ns: int
    size: int
    mentions: bool
    imports: list[str]
    facts: FileFacts | None

    @property
    def stamp(self) -> Stamp:
        return Stamp(self.mtime_ns, self.size)


def load(root: str) -> dict[str, CachedFile]:
    """What an earlier start left, by path; empty where there is nothing usable."""
    try:
        data = cache_file(root).read_bytes()
        return msgspec.msgpack.decode(data, type=dict[str, CachedFile])
    except (OSError, msgspec.MsgspecError):
        return {}


def save(root: str, files: dict[str, CachedFile]) -> None:
    """Replace the cache in one step. Files changed a moment ago are left out."""
    newest = time.time_ns() - _SETTLED_NS
    kept = {path: file for path, file in files.items() if file.mtime_ns < newest}
    target = cache_file(root)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=target.name)
    except OSError:
        return
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(msgspec.msgpack.encode(kept))
        Path(name).replace(target)
    except OSError:
        with contextlib.suppress(OSError):
            Path(name).unlink()


def cache_file(root: str) -> Path:
    folder = os.environ.get("TUNESMITH_CACHE") or _user_folder()
    workspace = hashlib.sha256(root.encode("utf-8", errors="surrogateescape")).hexdigest()[:16]
    return Path(folder) / "index" / f"{_reader_version()}-{workspace}.msgpack"


def _user_folder() -> str:
    import platformdirs  # needed once a workspace is indexed; `initialize` is answered before

    return platformdirs.user_cache_dir("tunesmith")


def _reader_version() -> str:
    """Names the code that read the facts: facts read by other code are never served."""
    seen = hashlib.sha256()
    for path in sorted(Path(__file__).parent.glob("*.py")):
        status = path.stat()
        seen.update(f"{path.name} {status.st_size} {status.st_mtime_ns}\n".encode())
    return seen.hexdigest()[:12]
