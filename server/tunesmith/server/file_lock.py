"""A lock on a file that one process has and that dies with it, for the daemon's own files.

What `filelock` does on Unix, without its imports, which are a tenth of a daemon's start. Run folders, which users'
scripts share on every platform, are locked by `filelock` itself.
"""

import fcntl
import os
from pathlib import Path


class FileLock:
    """Held from `take` to `release`."""

    def __init__(self, handle: int) -> None:
        self._handle = handle

    @classmethod
    def take(cls, path: Path) -> "FileLock | None":
        """None while somebody has it. Raises `OSError` where the file cannot be opened or locked."""
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
            return None
        except OSError:
            os.close(handle)
            raise
        return cls(handle)

    def release(self) -> None:
        """Let others take it."""
        os.close(self._handle)
