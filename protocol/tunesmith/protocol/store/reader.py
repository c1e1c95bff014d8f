"""Reading a run's store: anyone, at any time, while its owner writes."""

import os
import sqlite3
from pathlib import Path
from typing import TypeVar

from tunesmith.protocol.folder_layout import STORE_FILE, STORE_LOG
from tunesmith.protocol.run_events import EventRecord, Progressed, StatusChanged
from tunesmith.protocol.run_records import Candidate, LmCall, Rollout, Totals
from tunesmith.protocol.wire import decode

T = TypeVar("T")


class RunReader:
    """Queries over one connection. Use as a context manager where opened with `open_reader`."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def __enter__(self) -> "RunReader":
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def meta(self, name: str, type_: type[T]) -> T | None:
        row = self._connection.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
        return decode(row[0], type_) if row else None

    def status(self) -> StatusChanged | None:
        """The last `StatusChanged` event; None before the first."""
        return self.meta("last status", StatusChanged)

    def progress(self) -> Progressed | None:
        return self.meta("last progress", Progressed)

    def candidates(self) -> list[Candidate]:
        rows = self._connection.execute("SELECT row FROM candidates ORDER BY rowid")
        return [decode(row, Candidate) for (row,) in rows]

    def rollout(self, key: str) -> Rollout | None:
        row = self._connection.execute("SELECT row FROM rollouts WHERE key = ?", (key,)).fetchone()
        return decode(row[0], Rollout) if row else None

    def rollouts(
        self, *, candidate: str | None = None, split: str | None = None, index: int | None = None
    ) -> list[Rollout]:
        """Rollouts in canonical order: split, example, then as committed."""
        wanted = {"candidate": candidate, "split": split, "position": index}
        given = {column: value for column, value in wanted.items() if value is not None}
        where = " AND ".join(f"{column} = ?" for column in given) or "1"
        rows = self._connection.execute(
            f"SELECT row FROM rollouts WHERE {where} ORDER BY split, position, rowid", tuple(given.values())
        )
        return [decode(row, Rollout) for (row,) in rows]

    def call(self, key: str) -> LmCall | None:
        row = self._connection.execute("SELECT row FROM lm_calls WHERE key = ?", (key,)).fetchone()
        return decode(row[0], LmCall) if row else None

    def calls(self, *, rollout: str | None = None) -> list[LmCall]:
        where, values = ("rollout = ?", (rollout,)) if rollout is not None else ("1", ())
        rows = self._connection.execute(f"SELECT row FROM lm_calls WHERE {where} ORDER BY rowid", values)
        return [decode(row, LmCall) for (row,) in rows]

    def events(self, *, after: int = 0, limit: int | None = None) -> list[EventRecord]:
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
        return read_totals(self._connection)


def open_reader(run_dir: Path) -> RunReader:
    """Open `run_dir/run.sqlite` for reading.

    Raises `FileNotFoundError` where there is none, `sqlite3.DatabaseError` where it cannot be read.
    """
    path = run_dir / STORE_FILE
    if not path.exists():
        raise FileNotFoundError(path)
    if os.access(run_dir, os.W_OK) or path.with_name(STORE_LOG).exists():
        connection = sqlite3.connect(path, timeout=10)
    else:  # at rest, in a folder where SQLite cannot create the files it would coordinate with a writer by
        connection = sqlite3.connect(f"{path.absolute().as_uri()}?immutable=1", uri=True)
    connection.execute("PRAGMA query_only=ON")
    return RunReader(connection)


def read_totals(connection: sqlite3.Connection) -> Totals:
    """The ledger, over calls that were not answered by a cache."""
    calls, prompt, completion, usd, priced, seconds = connection.execute(
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
