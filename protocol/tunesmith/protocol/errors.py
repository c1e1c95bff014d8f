"""Errors of the shared code.

ProtocolError
├── VersionMismatch      the peer speaks another protocol version
├── UnknownModel         no local model has this name
├── ModelMissing         a local model was not fetched yet
└── StoreError
    ├── RunOwned         another process executes this run
    ├── StoreUnwritable  the run's folder cannot be written (read-only, disk full)
    ├── StoreUnreadable  the run's store is no database, is torn, or is locked for too long
    └── StoreClosed      something was to be committed after the run had let its store go
"""

from pathlib import Path


class ProtocolError(Exception):
    """Base of everything this package raises on purpose."""


class VersionMismatch(ProtocolError):
    """The peer speaks another protocol version."""

    def __init__(self, *, ours: int, theirs: int, peer: str, mend: str) -> None:
        super().__init__(f"{peer} speaks protocol {theirs}, this side {ours}. {mend}")


class UnknownModel(ProtocolError):
    """No local model has this name."""

    def __init__(self, name: str, known: list[str]) -> None:
        super().__init__(f"no local model is called {name!r}. Known: {', '.join(known)}.")


class ModelMissing(ProtocolError):
    """A local model was not fetched yet, or only in part."""

    def __init__(self, name: str, folder: Path, megabytes: int) -> None:
        super().__init__(
            f"the local model {name} is not in {folder}. Run `tunesmith model pull {name}` ({megabytes} MB, once)."
        )


class StoreError(ProtocolError):
    """Something about a run's folder."""


class RunOwned(StoreError):
    """Another process executes this run."""

    def __init__(self, run_dir: Path) -> None:
        super().__init__(f"{run_dir}: this run is being executed by another process. Wait for it, or cancel it there.")


class StoreUnwritable(StoreError):
    """The run's folder cannot be written."""

    def __init__(self, run_dir: Path, reason: str) -> None:
        super().__init__(
            f"{run_dir}: the run's store cannot be written ({reason}). "
            "What was committed is intact; free space or make the folder writable, then resume the run."
        )


class StoreUnreadable(StoreError):
    """A run's store cannot be read. The message is SQLite's reason alone: whoever reads knows which run it is."""


class StoreClosed(StoreError):
    """Something was to be committed after the run had let its store go."""

    def __init__(self, run_dir: Path) -> None:
        super().__init__(
            f"{run_dir}: the run has ended, and its store takes nothing more. What was committed is intact."
        )
