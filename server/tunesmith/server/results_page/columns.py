"""Reading a run's store by columns, for pictures of runs too large to send row by row."""

import itertools
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from tunesmith.protocol import Candidate, Rollout, Wire, decode
from tunesmith.protocol.results_messages import (
    CandidateNames,
    FindRollouts,
    ModelCost,
    RolloutList,
    RunCosts,
    ScoreCells,
)
from tunesmith.protocol.store import RunReader, open_reader

MOST_ROWS = 20_000
"""In one answer: about a megabyte."""
MOST_ROLLOUTS = 20
MOST_POINTS = 400
"""Of a curve: more than a screen can tell apart."""


class _Named(Wire, frozen=True, kw_only=True):
    """What a list of candidates needs of one; its state stays where it is."""

    id: str
    name: str
    parent: str | None


class Outcome(Struct, frozen=True):
    split: str
    example: int
    status: str
    accepted: bool
    error: str | None


class _Judged(Wire, frozen=True, kw_only=True):
    accepted: bool
    error: str | None = None


class ColumnReader(RunReader):
    """A reader that takes single columns out of rows. Use as a context manager."""

    @classmethod
    def open(cls, run_dir: Path) -> "ColumnReader":
        """Raises `FileNotFoundError` where there is no store, `sqlite3.DatabaseError` where it cannot be read."""
        return cls(open_reader(run_dir)._connection)

    def __enter__(self) -> "ColumnReader":
        return self

    def candidate_names(self, after: int) -> CandidateNames:
        rows = self._rows("SELECT rowid, row FROM candidates WHERE rowid > ? ORDER BY rowid LIMIT ?", after, MOST_ROWS)
        named = [decode(row, _Named) for _, row in rows]
        return CandidateNames(
            ids=[one.id for one in named],
            names=[one.name for one in named],
            parents=[one.parent for one in named],
            last=rows[-1][0] if rows else after,
            more=len(rows) == MOST_ROWS,
        )

    def candidate(self, candidate: str) -> Candidate | None:
        rows = self._rows("SELECT row FROM candidates WHERE id = ?", candidate)
        return decode(rows[0][0], Candidate) if rows else None

    def cells(self, after: int) -> ScoreCells:
        rows = self._rows(
            "SELECT rowid, candidate, position, split = 'val', score, status = 'unparsed' FROM rollouts"
            " WHERE rowid > ? ORDER BY rowid LIMIT ?",
            after,
            MOST_ROWS,
        )
        number: dict[str, int] = {}
        return ScoreCells(
            candidate=[number.setdefault(row[1], len(number)) for row in rows],
            candidates=list(number),
            example=[row[2] for row in rows],
            held_out=[row[3] for row in rows],
            score=[row[4] for row in rows],
            unparsed=[row[5] for row in rows],
            last=rows[-1][0] if rows else after,
            more=len(rows) == MOST_ROWS,
        )

    def find_rollouts(self, wanted: FindRollouts) -> RolloutList:
        columns = {"candidate": wanted.candidate, "position": wanted.example, "split": wanted.split}
        given = {column: value for column, value in columns.items() if value is not None}
        where = " AND ".join(f"{column} = ?" for column in given) or "1"
        order = "score DESC, rowid" if wanted.accepted_first else "split DESC, position, rowid"
        ((total,),) = self._rows(f"SELECT count(*) FROM rollouts WHERE {where}", *given.values())
        rows = self._rows(
            f"SELECT row FROM rollouts WHERE {where} ORDER BY {order} LIMIT ? OFFSET ?",
            *given.values(),
            MOST_ROLLOUTS,
            max(0, wanted.skip),
        )
        return RolloutList(rollouts=[decode(row, Rollout) for (row,) in rows], total=total)

    def outcomes(self, candidate: str) -> list[Outcome]:
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

    def costs(self) -> RunCosts:
        models = self._rows(
            "SELECT model, count(*), total(cache_hit), total(prompt_tokens * (1 - cache_hit)),"
            " total(completion_tokens * (1 - cache_hit)), total(usd * (1 - cache_hit)),"
            " count(*) FILTER (WHERE usd IS NULL AND NOT cache_hit), total(seconds * (1 - cache_hit))"
            " FROM lm_calls GROUP BY model ORDER BY count(*) DESC"
        )
        spent = self._rows(
            "SELECT prompt_tokens + completion_tokens, coalesce(usd, 0) FROM lm_calls"
            " WHERE NOT cache_hit ORDER BY rowid"
        )
        tokens = list(itertools.accumulate(row[0] for row in spent))
        usd = list(itertools.accumulate(row[1] for row in spent))
        shown = even_places(len(spent), MOST_POINTS)
        return RunCosts(
            models=[
                ModelCost(
                    model=model,
                    calls=calls,
                    cached=int(cached),
                    prompt_tokens=int(prompt),
                    completion_tokens=int(completion),
                    usd=None if unpriced else usd,
                    seconds=seconds,
                )
                for model, calls, cached, prompt, completion, usd, unpriced, seconds in models
            ],
            calls=[place + 1 for place in shown],
            tokens=[tokens[place] for place in shown],
            usd=[usd[place] for place in shown],
        )

    def _rows(self, query: str, *values: object) -> list[Any]:
        return self._connection.execute(query, values).fetchall()


def even_places(count: int, most: int) -> list[int]:
    """At most `most` of the places 0 to count - 1, evenly spread, the last one always among them."""
    if count <= most:
        return list(range(count))
    return [round(step * (count - 1) / (most - 1)) for step in range(most)]
