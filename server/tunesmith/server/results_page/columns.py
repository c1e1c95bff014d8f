"""A run's store by columns, in parts that fit a message, and curves of no more points than a screen can tell apart."""

import itertools

from tunesmith.protocol.results_messages import CandidateNames, FindRollouts, RolloutList, RunCosts, ScoreCells
from tunesmith.protocol.store import RunReader

MOST_ROWS = 20_000
"""In one answer: about a megabyte."""
MOST_ROLLOUTS = 20
MOST_POINTS = 400
"""Of a curve: more than a screen can tell apart."""


def candidate_names(store: RunReader, after: int) -> CandidateNames:
    """The part that begins behind row `after`."""
    rows = store.columns.candidate_names(after=after, limit=MOST_ROWS)
    return CandidateNames(
        ids=[row.id for row in rows],
        names=[row.name for row in rows],
        parents=[row.parent for row in rows],
        last=rows[-1].number if rows else after,
        more=len(rows) == MOST_ROWS,
    )


def score_cells(store: RunReader, after: int) -> ScoreCells:
    """The part that begins behind row `after`."""
    rows = store.columns.cells(after=after, limit=MOST_ROWS)
    number: dict[str, int] = {}
    return ScoreCells(
        candidate=[number.setdefault(row.candidate, len(number)) for row in rows],
        candidates=list(number),
        example=[row.example for row in rows],
        held_out=[row.held_out for row in rows],
        score=[row.score for row in rows],
        unparsed=[row.unparsed for row in rows],
        last=rows[-1].number if rows else after,
        more=len(rows) == MOST_ROWS,
    )


def find_rollouts(store: RunReader, wanted: FindRollouts) -> RolloutList:
    """The first `MOST_ROLLOUTS` after those to skip."""
    rollouts, total = store.rollouts_page(
        candidate=wanted.candidate,
        split=wanted.split,
        index=wanted.example,
        best_first=wanted.accepted_first,
        skip=max(0, wanted.skip),
        limit=MOST_ROLLOUTS,
    )
    return RolloutList(rollouts=rollouts, total=total)


def run_costs(store: RunReader) -> RunCosts:
    """By model, and as a curve of at most `MOST_POINTS` points."""
    spent = store.columns.spending()
    tokens = list(itertools.accumulate(call.tokens for call in spent))
    usd = list(itertools.accumulate(call.usd for call in spent))
    shown = even_places(len(spent), MOST_POINTS)
    return RunCosts(
        models=store.columns.model_costs(),
        calls=[place + 1 for place in shown],
        tokens=[tokens[place] for place in shown],
        usd=[usd[place] for place in shown],
    )


def even_places(count: int, most: int) -> list[int]:
    """At most `most` of the places 0 to count - 1, evenly spread, the last one always among them."""
    if count <= most:
        return list(range(count))
    return [round(step * (count - 1) / (most - 1)) for step in range(most)]
