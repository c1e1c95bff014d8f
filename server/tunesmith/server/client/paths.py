"""Where the daemon's socket, lock, state and log lie. Standard library only at import: the forwarder uses it."""

import contextlib
import os
import stat
from pathlib import Path

from tunesmith.server.client.errors import SocketPathTooLong, UnsafeFolder
from tunesmith.server.client.version import PROTOCOL, VERSION

SOCKET_PATH_LIMIT = 103
"""Bytes, the smallest of the platforms' (macOS)."""


def runtime_dir() -> Path:
    """The folder of the socket and its lock, created for this user alone.

    `TUNESMITH_RUNTIME`, else `tunesmith` in `XDG_RUNTIME_DIR`, else a per-user folder among the temporary files.
    Raises `UnsafeFolder` where it belongs to someone else or others may enter.
    """
    chosen = os.environ.get("TUNESMITH_RUNTIME")
    session = os.environ.get("XDG_RUNTIME_DIR")
    if chosen:
        folder = Path(chosen)
    elif session and Path(session).is_dir():
        folder = Path(session) / "tunesmith"
    else:
        import tempfile  # most systems have the other

        folder = Path(tempfile.gettempdir()) / f"tunesmith-{os.getuid()}"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    check_own(folder)
    return folder


def socket_path() -> Path:
    """The daemon's socket: one for each user, version and protocol. Raises `SocketPathTooLong`, `UnsafeFolder`."""
    path = runtime_dir() / f"{os.getuid()}-{VERSION}-{PROTOCOL}.sock"
    if len(os.fsencode(path)) > SOCKET_PATH_LIMIT:
        raise SocketPathTooLong(path, SOCKET_PATH_LIMIT)
    return path


def check_own(path: Path) -> None:
    """Raise `UnsafeFolder` unless this user owns `path` itself (no link) and nobody else may use it."""
    status = path.lstat()
    if stat.S_ISLNK(status.st_mode):
        raise UnsafeFolder(path, "is a link")
    if status.st_uid != os.getuid():
        raise UnsafeFolder(path, f"belongs to user {status.st_uid}")
    if status.st_mode & 0o077:
        with contextlib.suppress(OSError):
            path.chmod(0o700)
        if path.lstat().st_mode & 0o077:
            raise UnsafeFolder(path, "is open to other users")


def state_dir() -> Path:
    """The folder of the logs, the queue, and runs that cannot lie in their workspace.

    `TUNESMITH_STATE`, else the platform's state folder.
    """
    chosen = os.environ.get("TUNESMITH_STATE")
    if chosen:
        folder = Path(chosen)
    else:
        import platformdirs  # 40 ms that joining a running daemon does not need

        folder = Path(platformdirs.user_state_dir("tunesmith", appauthor=False))
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def queue_dir() -> Path:
    """The folder of the daemon's queue: one for each version and protocol, because these may run side by side."""
    return state_dir() / f"daemon-{VERSION}-{PROTOCOL}"


def log_file() -> Path:
    """The daemon's log, rotated beside itself."""
    return state_dir() / "daemon.log"


def output_file() -> Path:
    """What the daemon's process printed outside its log: how a start that failed is explained."""
    return state_dir() / "daemon-output.log"
