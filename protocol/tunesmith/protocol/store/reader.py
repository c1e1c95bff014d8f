"""Reading a run's store: anyone, at any time, while its owner writes."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TypeVar

from tunesmith.protocol.errors import StoreUnreadable
from tunesmith.protocol.folder_layout import STORE_FILE, STORE_LOG
from tunesmith.protocol.run_events import EventRecord, Progressed, StatusChanged
from tunesmith.protocol.run_records import Candidate, LmCall, Rollout, Totals
from tunesmith.protocol.run_report import RunReport, UserError
from tunesmith.protocol.run_search import SearchReport
from tunesmith.protocol.run_spec import RunSpec
from tunesmith.protocol.store.columns import ColumnReader
from tunesmith.protocol.store.schema import ERROR, LAST_PROGRESS, LAST_STATUS, REPORT, SEARCH, SPEC
from tunesmith.protocol.wire import decode

T = TypeVar("T")


@contextmanager
def open_reader(run_dir: Path) -> Iterator["RunReader"]:
    """A reader of `run_dir/run.sqlite`, closed at the end.

    Raises `FileNotFoundError` where there is none. What SQLite cannot open or read, also later, raises
    `StoreUnreadable`, and a row of another version `msgspec.MsgspecError`.
    """
    path = run_dir / STORE_FILE
    if not path.exists():
        raise FileNotFoundError(path)
    try:
        with closing(_connect(path)) as connection:
            yield RunReader(connection)
    except sqlite3.Error as error:
        raise StoreUnreadable(str(error)) from error


class RunReader:
    """Queries over one connection. Rows of another version raise `msgspec.MsgspecError`."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self.columns = ColumnReader(connection)
        """The same rows, where a part of each is enough."""

    def meta(self, name: str, type_: type[T]) -> T | None:
        """The value kept under a name (`RunStore.commit_meta`); None where there is none."""
        row = self._connection.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
        return decode(row[0], type_) if row else None

    def status(self) -> StatusChanged | None:
        """The last `StatusChanged` event; None before the first."""
        return self.meta(LAST_STATUS, StatusChanged)

    def progress(self) -> Progressed | None:
        """The last event that says how far the run is (`as_progress`); None before the first."""
        return self.meta(LAST_PROGRESS, Progressed)

    def spec(self) -> RunSpec | None:
        """The run's order; None where it was not ordered from a daemon."""
        return self.meta(SPEC, RunSpec)

    def report(self) -> RunReport | None:
        """How the run ended; None before. A resumed run keeps that of its last attempt until it ends again."""
        return self.meta(REPORT, RunReport)

    def error(self) -> UserError | None:
        """What ended the run's last failed attempt; None where none failed."""
        return self.meta(ERROR, UserError)

    def search(self) -> SearchReport | None:
        """What the search knew when its last batch closed; None before the first, and of a run that does not search."""
        return self.meta(SEARCH, SearchReport)

    def candidate(self, candidate: str) -> Candidate | None:
        """The candidate of an id; None where there is none."""
        row = self._connection.execute("SELECT row FROM candidates WHERE id = ?", (candidate,)).fetchone()
        return decode(row[0], Candidate) if row else None

    def candidates(self) -> list[Candidate]:
        """All, in the order they were made."""
        rows = self._connection.execute("SELECT row FROM candidates ORDER BY rowid")
        return [decode(row, Candidate) for (row,) in rows]

    def rollout(self, key: str) -> Rollout | None:
        """The rollout of a key; None where it was not finished."""
        row = self._connection.execute("SELECT row FROM rollouts WHERE key = ?", (key,)).fetchone()
        return decode(row[0], Rollout) if row else None

    def rollouts(
        self, *, candidate: str | None = None, split: str | None = None, index: int | None = None
    ) -> list[Rollout]:
        """Those that fit everything given, in canonical order: split, example, then as committed."""
        where, values = _conditions(candidate=candidate, split=split, position=index)
        rows = self._connection.execute(
            f"SELECT row FROM rollouts WHERE {where} ORDER BY split, position, rowid", values
        )
        return [decode(row, Rollout) for (row,) in rows]

    def rollouts_page(
        self,
        *,
        candidate: str | None = None,
        split: str | None = None,
        index: int | None = None,
        best_first: bool = False,
        skip: int = 0,
        limit: int,
    ) -> tuple[list[Rollout], int]:
        """At most `limit` of those that fit, after the first `skip`; and how many fit in all.

        In order of score, the best first and failed calls last; or of validation data, then training data, by example.
        """
        where, values = _conditions(candidate=candidate, split=split, position=index)
        order = "score DESC, rowid" if best_first else "split DESC, position, rowid"
        (total,) = self._connection.execute(f"SELECT count(*) FROM rollouts WHERE {where}", values).fetchone()
        rows = self._connection.execute(
            f"SELECT row FROM rollouts WHERE {where} ORDER BY {order} LIMIT ? OFFSET ?", (*values, limit, skip)
        )
        return [decode(row, Rollout) for (row,) in rows], total

    def call(self, key: str) -> LmCall | None:
        """The answered call of a key; None where it was not made."""
        row = self._connection.execute("SELECT row FROM lm_calls WHERE key = ?", (key,)).fetchone()
        return decode(row[0], LmCall) if row else None

    def calls(self, *, rollout: str | None = None) -> list[LmCall]:
        """Those of a rollout, by its key, or all, in the order they were committed."""
        where, values = _conditions(rollout=rollout)
        rows = self._connection.execute(f"SELECT row FROM lm_calls WHERE {where} ORDER BY rowid", values)
        return [decode(row, LmCall) for (row,) in rows]

    def events(self, *, after: int = 0, limit: int | None = None) -> list[EventRecord]:
        """Those numbered above `after`, in order; only the first `limit` of them where that is given."""
        rows = self._connection.execute(
            "SELECT row FROM events WHERE seq > ? ORDER BY seq LIMIT ?", (after, -1 if limit is None else limit)
        )
        return [decode(row, EventRecord) for (row,) in rows]

    def active_seconds(self) -> float:
        """How long the run was executed so far: from each `running` to the last event before the next one."""
        seconds, started, latest = 0.0, None, 0.0
        for record in self.events():
            if isinstance(record.event, StatusChanged) and record.event.status == "running":
                seconds += latest - started if started is not None else 0.0
                started = record.time
            latest = record.time
        return seconds + (latest - started if started is not None else 0.0)

    def totals(self) -> Totals:
        """The ledger, over calls that were not answered by a cache."""
        calls, prompt, completion, usd, priced, seconds = self._connection.execute(
            "SELECT count(*), total(prompt_tokens), total(completion_tokens), total(usd), count(usd), total(seconds)"
            " FROM lm_calls WHERE cache_hit = 0"
        ).fetchone()
        return Totals(
            calls=calls,
            prompt_tokens=int(prompt),
            completion_tokens=int(completion),
            usd=usd if priced == calls else None,
            seconds=seconds,
        )


def _connect(path: Path) -> sqlite3.Connection:
    if os.access(path.parent, os.W_OK) or path.with_name(STORE_LOG).exists():
        connection = sqlite3.connect(path, timeout=10)
    else:  # at rest, in a folder where SQLite cannot create the files it would coordinate with a writer by
        connection = sqlite3.connect(f"{path.absolute().as_uri()}?immutable=1", uri=True)
    connection.execute("PRAGMA query_only=ON")
    return connection


def _conditions(**wanted: object) -> tuple[str, tuple[object, ...]]:
    """A WHERE clause on the columns given, and the values of its marks."""
    given = {column: value for column, value in wanted.items() if value is not None}
    return " AND ".join(f"{column} = ?" for column in given) or "1", tuple(given.values())
