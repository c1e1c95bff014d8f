"""Writing a run's store: one owner process, one writer thread, group commit.

A `commit_*` method returns when its rows are durable (`synchronous=FULL`), or raises. Rows that arrive while a
transaction is being flushed share the next one, so a lone writer waits for one flush and many writers for two.
A row that cannot be written fails its own caller only. `memory()` keeps everything in the process, for a library
run without a folder.
"""

import itertools
import queue
import sqlite3
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from msgspec.structs import replace

from tunesmith.protocol.errors import RunOwned, StoreClosed, StoreUnwritable
from tunesmith.protocol.folder_layout import LOCK_FILE, STORE_FILE
from tunesmith.protocol.run_events import EventRecord, RunEvent, StatusChanged, as_progress
from tunesmith.protocol.run_records import Candidate, LmCall, Rollout, Totals
from tunesmith.protocol.store.adopted import AdoptedStore, open_adopted
from tunesmith.protocol.store.reader import RunReader
from tunesmith.protocol.store.schema import create_tables
from tunesmith.protocol.wire import encode

if TYPE_CHECKING:
    import filelock

MOST_IN_A_GROUP = 1000
LOCK_SECONDS = 0.5
"""A reader that asks whether the run is alive holds its lock for an instant."""

Statement = tuple[str, tuple[object, ...]]
T = TypeVar("T")


class _Write(NamedTuple):
    """What one caller wants written, and where it waits."""

    execute: Callable[[sqlite3.Connection], Any]
    done: Future[Any]


class RunStore:
    """The store of one run, open for writing. Use as a context manager; safe to call from any thread.

    What commits raises `StoreUnwritable` where the row cannot be written, and `StoreClosed` after `close`.
    """

    path: Path | None
    """`run.sqlite`, or None in memory."""
    kept_aside: Path | None
    """Where a corrupt store was moved when this one was opened."""

    def __init__(self, connection: sqlite3.Connection, path: Path | None, lock: "filelock.BaseFileLock | None") -> None:
        """Of a connection nobody else writes through; `open` and `memory` make one."""
        self.path = path
        self.kept_aside = None
        self._connection = connection
        self._reading = threading.Lock()
        self._lock = lock
        self._inbox: queue.SimpleQueue[_Write | None] = queue.SimpleQueue()
        self._entrance = threading.Lock()
        self._closed = False
        self._adopted: AdoptedStore | None = None
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
        import filelock  # a tenth of a starting daemon's imports, and readers need none of it

        lock = filelock.FileLock(run_dir / LOCK_FILE, thread_local=False)
        try:
            lock.acquire(timeout=LOCK_SECONDS, poll_interval=0.02)
        except filelock.Timeout:
            raise RunOwned(run_dir) from None
        except OSError as error:
            raise StoreUnwritable(run_dir, error.strerror or str(error)) from error
        path = run_dir / STORE_FILE
        try:
            connection, aside = _connect_or_begin_anew(path)
        except (sqlite3.Error, OSError) as error:
            lock.release()
            raise StoreUnwritable(run_dir, str(error)) from error
        store = cls(connection, path, lock)
        store.kept_aside = aside
        return store

    @classmethod
    def memory(cls) -> "RunStore":
        """A store that keeps everything in the process and is gone with it."""
        connection = sqlite3.connect(":memory:", check_same_thread=False)
        create_tables(connection)
        return cls(connection, None, None)

    def __enter__(self) -> "RunStore":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Write what is queued and let the run go. Safe to call twice; a later commit raises `StoreClosed`."""
        with self._entrance:
            if not self._closed:
                self._closed = True
                self._inbox.put(None)
        self._thread.join()
        self._connection.close()
        if self._adopted is not None:
            self._adopted.close()
        if self._lock is not None:
            self._lock.release()

    # Writing

    def commit_meta(self, name: str, value: object) -> None:
        """Keep a small value (spec, status, report) under a name."""
        self._commit(("INSERT OR REPLACE INTO meta VALUES (?, ?)", (name, encode(value))))

    def commit_candidate(self, candidate: Candidate) -> None:
        """Keep a candidate; one of the same id is replaced, and counts as made now."""
        self._commit(("INSERT OR REPLACE INTO candidates VALUES (?, ?)", (candidate.id, encode(candidate))))

    def commit_rollout(self, rollout: Rollout) -> None:
        """Keep a rollout; one of the same key is replaced, and counts as committed now."""
        self._commit(_rollout_statement(rollout))

    def commit_call(self, call: LmCall) -> None:
        """Keep a call; one of the same key is replaced, and counts as committed now."""
        self._commit(_call_statement(call))

    def append_event(self, event: RunEvent) -> EventRecord:
        """Commit an event and return it numbered. Tell others only afterwards."""
        record: EventRecord = self._enqueue(lambda connection: _insert_event(connection, event)).result()
        return record

    # Looking up

    def meta(self, name: str, type_: type[T]) -> T | None:
        """The value kept under a name; None where there is none."""
        return self._read(lambda reader: reader.meta(name, type_))

    def call(self, key: str, *, rollout: str | None = None) -> LmCall | None:
        """The call kept under a key. One taken over from another run is filed under `rollout`, which asks for it."""
        found = self._read(lambda reader: reader.call(key))
        if found is None and self._adopted is not None and (adopted := self._adopted.call(key)) is not None:
            found = replace(adopted, rollout=rollout)
            self.commit_call(found)
        return found

    def rollout(self, key: str) -> Rollout | None:
        """The rollout of a key, or None. One taken over from another run is committed here, with its calls."""
        found = self._read(lambda reader: reader.rollout(key))
        if found is None and self._adopted is not None and (found := self._adopted.rollout(key)) is not None:
            for call in self._adopted.calls_of(key):
                self.commit_call(call)
            self.commit_rollout(found)
        return found

    def adopt(self, run_dir: Path) -> None:
        """Take over from another run's store what is asked for and missing here: keys say what is still valid.

        Its calls count as answered by a cache: they were paid there. Nothing is taken where there is no store.
        """
        self._adopted = open_adopted(run_dir)

    def rollouts(self, *, candidate: str | None = None) -> list[Rollout]:
        """A candidate's, by its id, or all, in canonical order: split, example, then as committed."""
        return self._read(lambda reader: reader.rollouts(candidate=candidate))

    def active_seconds(self) -> float:
        """How long the run was executed so far, by earlier processes too."""
        return self._read(lambda reader: reader.active_seconds())

    def totals(self) -> Totals:
        """What the run has paid for so far."""
        return self._read(lambda reader: reader.totals())

    def _read(self, look_up: Callable[[RunReader], T]) -> T:
        with self._reading:
            return look_up(RunReader(self._connection))

    # The writer thread

    def _commit(self, statement: Statement) -> None:
        self._enqueue(lambda connection: connection.execute(*statement)).result()

    def _enqueue(self, execute: Callable[[sqlite3.Connection], Any]) -> Future[Any]:
        write = _Write(execute, Future())
        with self._entrance:
            if self._closed:
                raise StoreClosed(self._folder)
            if self.path is None:
                # No flush to share, and handing over to the thread would cost far more than the write.
                self._write_group([write])
            else:
                self._inbox.put(write)
        return write.done

    def _write(self) -> None:
        while (first := self._inbox.get()) is not None:
            group, stop = [first], False
            while not stop and len(group) < MOST_IN_A_GROUP:
                try:
                    following = self._inbox.get_nowait()
                except queue.Empty:
                    break
                if following is None:
                    stop = True
                else:
                    group.append(following)
            self._write_group(group)
            if stop:
                return

    def _write_group(self, group: list[_Write]) -> None:
        """One transaction for all; where it fails, one for each, so that only the callers concerned hear of it."""
        try:
            with self._reading, self._connection:
                results = [write.execute(self._connection) for write in group]
        except Exception as error:  # noqa: BLE001 - the thread every caller waits on must outlive any one row
            if len(group) > 1:
                for write in group:
                    self._write_group([write])
            elif isinstance(error, sqlite3.OperationalError):
                group[0].done.set_exception(StoreUnwritable(self._folder, str(error)))
            else:
                group[0].done.set_exception(error)
        else:
            for write, result in zip(group, results, strict=True):
                write.done.set_result(result)

    @property
    def _folder(self) -> Path:
        return self.path.parent if self.path else Path(":memory:")


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


def _insert_event(connection: sqlite3.Connection, event: RunEvent) -> EventRecord:
    """Numbered inside the transaction that commits it, so that a failed one leaves no gap.

    The last status and progress are kept by name too: a list of runs needs them without reading every event.
    """
    (last,) = connection.execute("SELECT coalesce(max(seq), 0) FROM events").fetchone()
    record = EventRecord(seq=last + 1, time=time.time(), event=event)
    connection.execute("INSERT INTO events VALUES (?, ?)", (record.seq, encode(record)))
    if isinstance(event, StatusChanged):
        connection.execute("INSERT OR REPLACE INTO meta VALUES ('last status', ?)", (encode(event),))
    elif (progress := as_progress(event)) is not None:
        connection.execute("INSERT OR REPLACE INTO meta VALUES ('last progress', ?)", (encode(progress),))
    return record


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
