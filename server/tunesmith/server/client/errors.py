"""Errors of joining and serving. Standard library only: the forwarder imports this.

SessionError
├── UnsafeFolder        the runtime folder or socket belongs to someone else, or is open to others
├── SocketPathTooLong   the runtime folder leaves no room for a socket's name
├── DaemonNotRunning    nobody listens, and starting one was not asked for
├── DaemonNotStarted    a daemon was started and did not come up
├── DaemonLost          the daemon closed the connection in the middle of something
└── DaemonMismatch      the daemon speaks another protocol version
"""

from pathlib import Path


class SessionError(Exception):
    """Base of everything raised on purpose while joining or serving."""


class UnsafeFolder(SessionError):
    """The runtime folder or socket belongs to someone else, or is open to others."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"{path}: {reason}. Remove it, or set TUNESMITH_RUNTIME to a folder of your own.")


class SocketPathTooLong(SessionError):
    """The runtime folder leaves no room for a socket's name."""

    def __init__(self, path: Path, limit: int) -> None:
        super().__init__(
            f"{path}: a socket's path may have {limit} bytes at most. Set TUNESMITH_RUNTIME to a shorter folder."
        )


class DaemonNotRunning(SessionError):
    """Nobody listens, and starting one was not asked for."""

    def __init__(self) -> None:
        super().__init__("The tunesmith daemon is not running. Start it with `tunesmith daemon start`.")


class DaemonNotStarted(SessionError):
    """A daemon was started and did not come up."""

    def __init__(self, reason: str, output: Path) -> None:
        super().__init__(f"The tunesmith daemon did not start: {reason}. What it printed is in {output}.")


class DaemonLost(SessionError):
    """The daemon closed the connection in the middle of something."""

    def __init__(self, log: Path) -> None:
        super().__init__(
            f"The tunesmith daemon went away. Its runs are kept and can be resumed once it is back. Log: {log}"
        )


class DaemonMismatch(SessionError):
    """The daemon speaks another protocol version."""

    def __init__(self, *, ours: int, our_version: str, theirs: int, their_version: str) -> None:
        super().__init__(
            f"The running daemon is tunesmith {their_version} (protocol {theirs}), this is {our_version} "
            f"(protocol {ours}). Run `tunesmith daemon stop`, then try again."
        )
