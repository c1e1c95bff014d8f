"""Rows as the statements that write them. A row of a key that is there replaces it, and counts as the latest."""

import sqlite3
import time

from tunesmith.protocol.run_events import EventRecord, RunEvent, StatusChanged, as_progress
from tunesmith.protocol.run_records import Candidate, LmCall, Rollout
from tunesmith.protocol.store.schema import LAST_PROGRESS, LAST_STATUS
from tunesmith.protocol.wire import encode

Statement = tuple[str, tuple[object, ...]]
"""SQL, and the values of its marks."""


def keep_meta(name: str, value: object) -> Statement:
    return "INSERT OR REPLACE INTO meta VALUES (?, ?)", (name, encode(value))


def keep_candidate(candidate: Candidate) -> Statement:
    return "INSERT OR REPLACE INTO candidates VALUES (?, ?)", (candidate.id, encode(candidate))


def keep_rollout(rollout: Rollout) -> Statement:
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


def keep_call(call: LmCall) -> Statement:
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


def append_event(connection: sqlite3.Connection, event: RunEvent) -> EventRecord:
    """The event, numbered inside the transaction that commits it, so that a failed one leaves no gap."""
    (last,) = connection.execute("SELECT coalesce(max(seq), 0) FROM events").fetchone()
    record = EventRecord(seq=last + 1, time=time.time(), event=event)
    connection.execute("INSERT INTO events VALUES (?, ?)", (record.seq, encode(record)))
    if isinstance(event, StatusChanged):
        connection.execute(*keep_meta(LAST_STATUS, event))
    elif (progress := as_progress(event)) is not None:
        connection.execute(*keep_meta(LAST_PROGRESS, progress))
    return record
