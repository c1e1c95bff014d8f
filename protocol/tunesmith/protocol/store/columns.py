"""Single columns of a run's rows, for pictures of runs that are too large to be read row by row."""

import sqlite3
from collections.abc import Iterator
from typing import Any, NamedTuple

import msgspec

from tunesmith.protocol.results_messages import ModelCost
from tunesmith.protocol.wire import Wire


class CandidateName(NamedTuple):
    """A candidate without its state."""

    number: int
    """Of its row: later ones are larger."""
    id: str
    name: str
    parent: str | None


class Cell(NamedTuple):
    """A rollout as an entry of the score matrix."""

    number: int
    """Of its row: later ones are larger."""
    candidate: str
    example: int
    """Its place in its data set."""
    held_out: int
    """1: of the validation data; 0: of the training data."""
    score: float | None
    """None: a failed call."""
    unparsed: int
    """1: the program could not read its model's answer."""


class Outcome(NamedTuple):
    """How a rollout went, without its steps."""

    split: str
    example: int
    status: str
    accepted: bool
    error: str | None


class Spent(NamedTuple):
    """What one call cost."""

    tokens: int
    usd: float
    """0 where its price is unknown."""


class _Named(Wire, frozen=True, kw_only=True):
    id: str
    name: str
    parent: str | None


class _Judged(Wire, frozen=True, kw_only=True):
    accepted: bool
    error: str | None = None


class ColumnReader:
    """Queries over one connection; a `RunReader` has one."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def candidate_names(self, *, after: int, limit: int) -> list[CandidateName]:
        """At most `limit` candidates whose number is above `after`, in the order they were made."""
        rows = self._rows("SELECT rowid, row FROM candidates WHERE rowid > ? ORDER BY rowid LIMIT ?", after, limit)
        named = msgspec.json.Decoder(_Named)
        return [
            CandidateName(number, one.id, one.name, one.parent) for number, row in rows for one in (named.decode(row),)
        ]

    def cells(self, *, after: int, limit: int) -> list[Cell]:
        """At most `limit` rollouts whose number is above `after`, in the order they were committed."""
        rows = self._rows(
            "SELECT rowid, candidate, position, split = 'val', score, status = 'unparsed' FROM rollouts"
            " WHERE rowid > ? ORDER BY rowid LIMIT ?",
            after,
            limit,
        )
        return [Cell(*row) for row in rows]

    def outcomes(self, candidate: str) -> list[Outcome]:
        """Of every rollout of a candidate, in canonical order: split, example, then as committed."""
        rows = self._rows(
            "SELECT split, position, status, row FROM rollouts WHERE candidate = ? ORDER BY split, position, rowid",
            candidate,
        )
        judged = msgspec.json.Decoder(_Judged)
        return [
            Outcome(split, example, status, one.accepted, one.error)
            for split, example, status, row in rows
            for one in (judged.decode(row),)
        ]

    def model_costs(self) -> list[ModelCost]:
        """One for each model that was called, the most called first."""
        rows = self._rows(
            "SELECT model, count(*), total(cache_hit), total(prompt_tokens * (1 - cache_hit)),"
            " total(completion_tokens * (1 - cache_hit)), total(usd * (1 - cache_hit)),"
            " count(*) FILTER (WHERE usd IS NULL AND NOT cache_hit), total(seconds * (1 - cache_hit))"
            " FROM lm_calls GROUP BY model ORDER BY count(*) DESC"
        )
        return [
            ModelCost(
                model=model,
                calls=calls,
                cached=int(cached),
                prompt_tokens=int(prompt),
                completion_tokens=int(completion),
                usd=None if unpriced else usd,
                seconds=seconds,
            )
            for model, calls, cached, prompt, completion, usd, unpriced, seconds in rows
        ]

    def spending(self) -> list[Spent]:
        """Of every call that no cache answered, in the order they were committed."""
        rows = self._rows(
            "SELECT prompt_tokens + completion_tokens, coalesce(usd, 0) FROM lm_calls"
            " WHERE NOT cache_hit ORDER BY rowid"
        )
        return [Spent(*row) for row in rows]

    def _rows(self, query: str, *values: object) -> Iterator[tuple[Any, ...]]:
        return self._connection.execute(query, values)
