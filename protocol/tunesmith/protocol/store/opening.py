"""Opening a run's store for writing: the run's ownership, a log that is durable, and a corrupt file kept aside."""

import itertools
import sqlite3
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tunesmith.protocol.errors import RunOwned, StoreUnwritable
from tunesmith.protocol.folder_layout import LOCK_FILE, STORE_FILE
from tunesmith.protocol.store.schema import create_tables

if TYPE_CHECKING:
    import filelock

LOCK_SECONDS = 0.5
"""A reader that asks whether the run is alive holds its lock for an instant."""


class OwnedStore(NamedTuple):
    """A store that this process alone writes."""

    connection: sqlite3.Connection
    path: Path
    lock: "filelock.BaseFileLock"
    kept_aside: Path | None
    """Where a corrupt store was moved."""


def open_owned(run_dir: Path) -> OwnedStore:
    """Open or create `run_dir/run.sqlite` and take the run's ownership.

    Raises `RunOwned` while another process holds it, `StoreUnwritable` where the folder cannot be written.
    """
    lock = _take_ownership(run_dir)
    path = run_dir / STORE_FILE
    try:
        connection, aside = _connect_or_begin_anew(path)
    except (sqlite3.Error, OSError) as error:
        lock.release()
        raise StoreUnwritable(run_dir, str(error)) from error
    return OwnedStore(connection, path, lock, aside)


def _take_ownership(run_dir: Path) -> "filelock.BaseFileLock":
    try:
        run_dir.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreUnwritable(run_dir, error.strerror or str(error)) from error
    import filelock  # a tenth of a starting daemon's imports, and readers need none of it

    lock = filelock.FileLock(run_dir / LOCK_FILE, thread_local=False)
    try:
        lock.acquire(timeout=LOCK_SECONDS, poll_interval=0.02)
    except filelock.Timeout:
        raise RunOwned(run_dir) from None
    except OSError as error:
        raise StoreUnwritable(run_dir, error.strerror or str(error)) from error
    return lock


def _connect_or_begin_anew(path: Path) -> tuple[sqlite3.Connection, Path | None]:
    try:
        return _connect(path), None
    except sqlite3.OperationalError:  # read-only, disk full, locked: the file itself may be sound
        raise
    except sqlite3.DatabaseError:
        aside = _move_aside(path)
        return _connect(path), aside


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, check_same_thread=False, timeout=10)
    try:
        (mode,) = connection.execute("PRAGMA journal_mode=WAL").fetchone()
        if mode != "wal":
            raise sqlite3.OperationalError("this file system cannot hold a write-ahead log")
        connection.execute("PRAGMA synchronous=FULL")
        create_tables(connection)
        check = connection.execute("PRAGMA quick_check(1)").fetchone()
        if check[0] != "ok":
            raise sqlite3.DatabaseError(str(check[0]))
    except BaseException:
        connection.close()
        raise
    return connection


def _move_aside(path: Path) -> Path:
    """Keep a corrupt store, its log included: whoever repairs it needs both."""
    stem = f"{path.stem}.corrupt-{time.strftime('%Y%m%d-%H%M%S')}"
    numbers = itertools.count(2)
    aside = path.with_name(f"{stem}{path.suffix}")
    while aside.exists():
        aside = path.with_name(f"{stem}-{next(numbers)}{path.suffix}")
    path.rename(aside)
    for suffix in ("-wal", "-shm"):
        companion = path.with_name(path.name + suffix)
        if companion.exists():
            companion.rename(aside.with_name(aside.name + suffix))
    return aside
