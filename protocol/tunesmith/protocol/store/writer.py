"""Writing a run's store: one owner process, one writer thread, group commit.

A `commit_*` method returns when its rows are durable (`synchronous=FULL`), or raises. Rows that arrive while a
transaction is being flushed share the next one, so a lone writer waits for one flush and many writers for two.
A row that cannot be written fails its own caller only. `memory()` keeps everything in the process, for a library
run without a folder.
"""

import queue
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from msgspec.structs import replace

from tunesmith.protocol.errors import StoreClosed, StoreUnwritable
from tunesmith.protocol.run_events import EventRecord, RunEvent, StatusChanged
from tunesmith.protocol.run_records import Candidate, LmCall, Rollout, Totals
from tunesmith.protocol.run_report import RunReport, UserError
from tunesmith.protocol.run_search import SearchReport
from tunesmith.protocol.run_spec import RunSpec
from tunesmith.protocol.store import statements
from tunesmith.protocol.store.adopted import AdoptedStore, open_adopted
from tunesmith.protocol.store.opening import open_owned
from tunesmith.protocol.store.reader import RunReader
from tunesmith.protocol.store.schema import ERROR, REPORT, SEARCH, SPEC, create_tables

if TYPE_CHECKING:
    import filelock

MOST_IN_A_GROUP = 1000

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
        owned = open_owned(run_dir)
        store = cls(owned.connection, owned.path, owned.lock)
        store.kept_aside = owned.kept_aside
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
        """Keep a small value under a name. What every run has goes by the methods below."""
        self._commit(statements.keep_meta(name, value))

    def commit_spec(self, spec: RunSpec) -> None:
        """Keep the run's order, in place of an earlier one."""
        self.commit_meta(SPEC, spec)

    def commit_report(self, report: RunReport) -> None:
        """Keep how the run ended, in place of how an earlier attempt did."""
        self.commit_meta(REPORT, report)

    def commit_error(self, error: UserError) -> None:
        """Keep what the run failed of, in place of what an earlier attempt did."""
        self.commit_meta(ERROR, error)

    def commit_search(self, report: SearchReport) -> None:
        """Keep what the search knows now."""
        self.commit_meta(SEARCH, report)

    def commit_candidate(self, candidate: Candidate) -> None:
        """Keep a candidate; one of the same id is replaced, and counts as made now."""
        self._commit(statements.keep_candidate(candidate))

    def commit_rollout(self, rollout: Rollout) -> None:
        """Keep a rollout; one of the same key is replaced, and counts as committed now."""
        self._commit(statements.keep_rollout(rollout))

    def commit_call(self, call: LmCall) -> None:
        """Keep a call; one of the same key is replaced, and counts as committed now."""
        self._commit(statements.keep_call(call))

    def append_event(self, event: RunEvent) -> EventRecord:
        """Commit an event and return it numbered. Others may hear of it only afterwards."""
        record: EventRecord = self._enqueue(lambda connection: statements.append_event(connection, event)).result()
        return record

    # Looking up

    def status(self) -> StatusChanged | None:
        """The last `StatusChanged` event; None before the first."""
        return self._read(lambda reader: reader.status())

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

    def _commit(self, statement: statements.Statement) -> None:
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
