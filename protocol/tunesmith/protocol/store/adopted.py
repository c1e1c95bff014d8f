"""Another run's store, looked into for what is still valid. Safe to call from any thread."""

import sqlite3
import threading
from pathlib import Path

import msgspec

from tunesmith.protocol.folder_layout import STORE_FILE
from tunesmith.protocol.run_records import LmCall, Rollout
from tunesmith.protocol.store.reader import RunReader


class AdoptedStore:
    """Rows as the adopting run may keep them: its own failures are tried again, its calls cost nothing more."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._reader = RunReader(connection)
        self._reading = threading.Lock()

    def rollout(self, key: str) -> Rollout | None:
        """The rollout of a key; None where it is not there, or failed."""
        with self._reading:
            found = self._reader.rollout(key)
        return found if found is not None and found.status != "failed" else None

    def call(self, key: str) -> LmCall | None:
        """The call of a key, as answered by a cache; None where it is not there."""
        with self._reading:
            found = self._reader.call(key)
        return _paid_elsewhere(found) if found is not None else None

    def calls_of(self, rollout: str) -> list[LmCall]:
        """Those of a rollout, by its key, as answered by a cache, in the order they were committed."""
        with self._reading:
            return [_paid_elsewhere(call) for call in self._reader.calls(rollout=rollout)]

    def close(self) -> None:
        """Let the other run's store go."""
        with self._reading:
            self._connection.close()


def open_adopted(run_dir: Path) -> AdoptedStore | None:
    """None where the folder holds no readable store."""
    path = run_dir / STORE_FILE
    if not path.exists():
        return None
    connection = sqlite3.connect(path, timeout=10, check_same_thread=False)
    try:
        connection.execute("PRAGMA query_only=ON")
        connection.execute("SELECT count(*) FROM rollouts, lm_calls WHERE 0")
    except sqlite3.Error:
        connection.close()
        return None
    return AdoptedStore(connection)


def _paid_elsewhere(call: LmCall) -> LmCall:
    return msgspec.structs.replace(call, cache_hit=True)
