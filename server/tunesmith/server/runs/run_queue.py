"""`queue.sqlite`: the runs this daemon still owes somebody, in order, across restarts.

A row lives from the moment a run is asked for until its final status is in the run's folder. The file belongs to
one daemon at a time (`queue.lock`). It uses no write-ahead log, because home folders may lie on a network mount.
"""

import logging
import sqlite3
import time
from pathlib import Path

import msgspec
from msgspec import Struct

from tunesmith.protocol import RunSpec, RunStatus, decode, encode
from tunesmith.server.errors import StateOwned, StateUnwritable
from tunesmith.server.file_lock import FileLock

logger = logging.getLogger(__name__)


class QueuedRun(Struct, frozen=True, kw_only=True):
    """A row: what was ordered, and how it stood last."""

    spec: RunSpec
    status: RunStatus


class RunQueue:
    """The open queue; it is locked until `close`."""

    def __init__(self, connection: sqlite3.Connection, lock: FileLock) -> None:
        self._connection = connection
        self._lock = lock

    @classmethod
    def open(cls, state_dir: Path) -> "RunQueue":
        """Open or create the queue. A corrupt file is kept aside.

        Raises `StateOwned` while another daemon holds it, `StateUnwritable` where the folder cannot be written.
        """
        try:
            state_dir.mkdir(parents=True, exist_ok=True)
            lock = FileLock.take(state_dir / "queue.lock")
        except OSError as error:
            raise StateUnwritable(state_dir, error.strerror or str(error)) from error
        if lock is None:
            raise StateOwned(state_dir)
        try:
            connection = _connect_or_begin_anew(state_dir / "queue.sqlite")
        except (sqlite3.Error, OSError) as error:
            lock.release()
            raise StateUnwritable(state_dir, str(error)) from error
        return cls(connection, lock)

    def close(self) -> None:
        """Let another daemon have it."""
        self._connection.close()
        self._lock.release()

    def put(self, run: QueuedRun) -> None:
        """Add a run at the end, or change the status of one that is there."""
        with self._connection:
            self._connection.execute(
                "INSERT INTO runs (run_id, status, spec) VALUES (?, ?, ?)"
                " ON CONFLICT (run_id) DO UPDATE SET status = excluded.status",
                (run.spec.run_id, run.status, encode(run.spec)),
            )

    def put_if_possible(self, run: QueuedRun) -> None:
        """The same; where the file cannot be written, that is logged and no more: the run's folder still has it."""
        try:
            self.put(run)
        except sqlite3.Error as error:
            logger.warning("run %s: the queue cannot be written (%s); its folder still has it", run.spec.run_id, error)

    def remove(self, run_id: str) -> None:
        """Forget a run, if it is there."""
        with self._connection:
            self._connection.execute("DELETE FROM runs WHERE run_id = ?", (run_id,))

    def rows(self) -> list[QueuedRun]:
        """Every run, first asked first. A row that cannot be read is dropped; its folder still has it all."""
        runs = []
        for run_id, status, spec in self._connection.execute("SELECT run_id, status, spec FROM runs ORDER BY place"):
            try:
                runs.append(QueuedRun(spec=decode(spec, RunSpec), status=msgspec.convert(status, RunStatus)))
            except msgspec.MsgspecError as error:
                logger.warning("run %s in the queue cannot be read (%s); it is left out", run_id, error)
        return runs


def _connect_or_begin_anew(path: Path) -> sqlite3.Connection:
    try:
        return _connect(path)
    except sqlite3.OperationalError:  # read-only, disk full, locked: the file itself may be sound
        raise
    except sqlite3.DatabaseError:
        aside = path.with_name(f"queue.corrupt-{time.strftime('%Y%m%d-%H%M%S')}.sqlite")
        path.replace(aside)
        logger.warning("%s could not be read; it is kept as %s. Resume unfinished runs by hand.", path, aside)
        return _connect(path)


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=10)
    try:
        connection.execute(
            "CREATE TABLE IF NOT EXISTS runs ("
            "place INTEGER PRIMARY KEY AUTOINCREMENT, run_id TEXT UNIQUE NOT NULL, status TEXT NOT NULL,"
            " spec BLOB NOT NULL)"
        )
        connection.commit()
    except BaseException:
        connection.close()
        raise
    return connection
