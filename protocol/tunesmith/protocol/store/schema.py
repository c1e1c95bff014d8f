"""The tables of `run.sqlite`. Rows are JSON of the structs in `run_records`; columns exist only to look them up."""

import sqlite3

SCHEMA_VERSION = 1

SPEC, REPORT, ERROR, SEARCH = "spec", "report", "error", "search"
"""What the run was asked for, how it ended, and what its search knows: names of rows of `meta`."""
LAST_STATUS, LAST_PROGRESS = "last status", "last progress"
"""The latest event of its kind: a list of runs needs them without reading every event."""

TABLES = """
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS candidates (id TEXT PRIMARY KEY, row BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS rollouts (
    key TEXT PRIMARY KEY, candidate TEXT NOT NULL, split TEXT NOT NULL, position INTEGER NOT NULL,
    status TEXT NOT NULL, score REAL, row BLOB NOT NULL
);
CREATE INDEX IF NOT EXISTS rollouts_by_example ON rollouts (split, position);
CREATE TABLE IF NOT EXISTS lm_calls (
    key TEXT PRIMARY KEY, rollout TEXT, model TEXT NOT NULL, prompt_tokens INTEGER NOT NULL,
    completion_tokens INTEGER NOT NULL, usd REAL, seconds REAL NOT NULL, cache_hit INTEGER NOT NULL, row BLOB NOT NULL
);
CREATE INDEX IF NOT EXISTS lm_calls_by_rollout ON lm_calls (rollout);
CREATE TABLE IF NOT EXISTS events (seq INTEGER PRIMARY KEY, row BLOB NOT NULL);
"""


def create_tables(connection: sqlite3.Connection) -> None:
    """Create what is missing. Raises `sqlite3.DatabaseError` where the file is not a store."""
    connection.executescript(TABLES)
    connection.execute("INSERT OR IGNORE INTO meta VALUES ('schema', ?)", (str(SCHEMA_VERSION).encode(),))
    connection.commit()
