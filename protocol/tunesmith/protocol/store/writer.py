"""Writing a run's store: one owner process, one writer thread, group commit.

A `commit_*` method returns when its rows are durable (`synchronous=FULL`), or raises. Rows that arrive within
`GROUP_SECONDS` of each other share one transaction. `memory()` keeps everything in the process, for a library run
without a folder.
"""

import queue
import sqlite3
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import TypeVar

import filelock

from tunesmith.protocol.errors import RunOwned, StoreUnwritable
from tunesmith.protocol.run_events import EventRecord, RunEvent
from tunesmith.protocol.run_records import Candidate, LmCall, Rollout, Totals
from tunesmith.protocol.store.reader import RunReader, read_totals
from tunesmith.protocol.store.schema import create_tables
from tunesmith.protocol.wire import encode

GROUP_SECONDS = 0.02

Statement = tuple[str, tuple[object, ...]]
T = TypeVar("T")


class RunStore:
    """The store of one run, open for writing. Use as a context manager; safe to call from any thread."""

    path: Path | None
    """`run.sqlite`, or None in memory."""
    kept_aside: Path | None
    """Where a corrupt store was moved when this one was opened."""

    def __init__(self, connection: sqlite3.Connection, path: Path | None, lock: filelock.BaseFileLock | None) -> None:
        self.path = path
        self.kept_aside = None
        self._connection = connection
        self._reading = threading.Lock()
        self._lock = lock
        self._inbox: queue.SimpleQueue[tuple[list[Statement], Future[None]] | None] = queue.SimpleQueue()
        self._event_lock = threading.Lock()
        row = connection.execute("SELECT max(seq) FROM events").fetchone()
        self._last_seq: int = row[0] or 0
        self._thread = threading.Thread(target=self._write, name="run-store", daemon=True)
        self._thread.start()

    @classmethod
    def open(cls, run_dir: Path) -> "RunStore":
        """Open or create `run_dir/run.sqlite` and take the run's ownership.

        Raises `RunOwned` while another process holds it, `StoreUnwritable` where the folder cannot be written. A
        file that is no readable store is moved aside (`kept_aside`) and a new one begun.
        """
        try:
            run_dir.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreUnwritable(run_dir, error.strerror or str(error)) from error
        lock = filelock.FileLock(run_dir / "run.lock", thread_local=False)
        try:
            lock.acquire(blocking=False)
        except filelock.Timeout:
            raise RunOwned(run_dir) from None
        except OSError as error:
            raise StoreUnwritable(run_dir, error.strerror or str(error)) from error
        path = run_dir / "run.sqlite"
        aside: Path | None = None
        try:
            try:
                connection = _connect(path)
            except sqlite3.OperationalError as error:
                raise StoreUnwritable(run_dir, str(error)) from error
            except sqlite3.DatabaseError:
                aside = _move_aside(path)
                connection = _connect(path)
        except BaseException:
            lock.release()
            raise
        store = cls(connection, path, lock)
        store.kept_aside = aside
        return store

    @classmethod
    def memory(cls) -> "RunStore":
        connection = sqlite3.connect(":memory:", check_same_thread=False)
        create_tables(connection)
        return cls(connection, None, None)

    def __enter__(self) -> "RunStore":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Write what is queued and let the run go. Safe to call twice."""
        if self._thread.is_alive():
            self._inbox.put(None)
            self._thread.join()
        self._connection.close()
        if self._lock is not None:
            self._lock.release()

    # Writing

    def commit_meta(self, name: str, value: object) -> None:
        """Keep a small value (spec, status, report) under a name."""
        self._commit([("INSERT OR REPLACE INTO meta VALUES (?, ?)", (name, encode(value)))])

    def commit_candidate(self, candidate: Candidate) -> None:
        self._commit([("INSERT OR REPLACE INTO candidates VALUES (?, ?)", (candidate.id, encode(candidate)))])

    def commit_rollout(self, rollout: Rollout) -> None:
        self._commit([_rollout_statement(rollout)])

    def commit_call(self, call: LmCall) -> None:
        self._commit([_call_statement(call)])

    def append_event(self, event: RunEvent) -> EventRecord:
        """Commit an event and return it numbered. Tell others only afterwards."""
        with self._event_lock:
            record = EventRecord(seq=self._last_seq + 1, time=time.time(), event=event)
            done = self._enqueue([("INSERT INTO events VALUES (?, ?)", (record.seq, encode(record)))])
            self._last_seq = record.seq
        done.result()
        return record

    # Looking up

    def meta(self, name: str, type_: type[T]) -> T | None:
        return self._read(lambda reader: reader.meta(name, type_))

    def call(self, key: str) -> LmCall | None:
        return self._read(lambda reader: reader.call(key))

    def rollout(self, key: str) -> Rollout | None:
        return self._read(lambda reader: reader.rollout(key))

    def rollouts(self, *, candidate: str | None = None) -> list[Rollout]:
        return self._read(lambda reader: reader.rollouts(candidate=candidate))

    def totals(self) -> Totals:
        with self._reading:
            return read_totals(self._connection)

    def _read(self, look_up: Callable[[RunReader], T]) -> T:
        with self._reading:
            return look_up(RunReader(self._connection))

    # The writer thread

    def _commit(self, statements: list[Statement]) -> None:
        self._enqueue(statements).result()

    def _enqueue(self, statements: list[Statement]) -> Future[None]:
        done: Future[None] = Future()
        self._inbox.put((statements, done))
        return done

    def _write(self) -> None:
        while (first := self._inbox.get()) is not None:
            batch, stop = [first], False
            deadline = time.monotonic() + GROUP_SECONDS
            while not stop and (left := deadline - time.monotonic()) > 0:
                try:
                    following = self._inbox.get(timeout=left) if self.path else self._inbox.get_nowait()
                except queue.Empty:
                    break
                if following is None:
                    stop = True
                else:
                    batch.append(following)
            self._write_batch(batch)
            if stop:
                return

    def _write_batch(self, batch: list[tuple[list[Statement], Future[None]]]) -> None:
        try:
            with self._reading, self._connection:
                for statements, _ in batch:
                    for sql, values in statements:
                        self._connection.execute(sql, values)
        except sqlite3.Error as error:
            folder = self.path.parent if self.path else Path(":memory:")
            for _, done in batch:
                done.set_exception(StoreUnwritable(folder, str(error)))
        else:
            for _, done in batch:
                done.set_result(None)


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, check_same_thread=False, timeout=10)
    try:
        connection.execute("PRAGMA journal_mode=WAL")
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
    aside = path.with_name(f"run.corrupt-{time.strftime('%Y%m%d-%H%M%S')}.sqlite")
    path.rename(aside)
    for suffix in ("-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    return aside


def _rollout_statement(rollout: Rollout) -> Statement:
    values = (
        rollout.key,
        rollout.candidate,
        rollout.split,
        rollout.index,
        rollout.status,
        rollout.score,
        encode(rollout),
    )
    return "INSERT OR REPLACE INTO rollouts VALUES (?, ?, ?, ?, ?, ?, ?)", values


def _call_statement(call: LmCall) -> Statement:
    values = (
        call.key,
        call.rollout,
        call.model,
        call.prompt_tokens,
        call.completion_tokens,
        call.usd,
        call.seconds,
        int(call.cache_hit),
        encode(call),
    )
    return "INSERT OR REPLACE INTO lm_calls VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", values
