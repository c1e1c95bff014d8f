"""What the results page asks, and what it gets: one table, like the wire's.

A run of ten thousand candidates must reach the page in parts and without what it does not show: rows come as
columns, page by page (`after`), states and rollouts only when someone looks at them.
"""

from tunesmith.protocol import (
    ArtifactReport,
    Candidate,
    EventRecord,
    LmCall,
    Rollout,
    RunSpec,
    RunSummary,
    SearchReport,
    Totals,
    Wire,
)


class ListRuns(Wire, frozen=True, kw_only=True):
    """All runs of the workspace."""


class Runs(Wire, frozen=True, kw_only=True):
    root: str
    runs: list[RunSummary]
    """Newest first."""


class OfRun(Wire, frozen=True, kw_only=True):
    run_id: str


class RunPicture(Wire, frozen=True, kw_only=True):
    summary: RunSummary
    spec: RunSpec | None
    """None: it was not ordered from a daemon."""
    artifact: ArtifactReport | None
    search: SearchReport | None
    totals: Totals


class EventsAfter(Wire, frozen=True, kw_only=True):
    run_id: str
    after: int = 0
    """The number of the last event known."""
    wait: float = 0.0
    """Seconds to wait for something new where there is nothing yet."""


class Events(Wire, frozen=True, kw_only=True):
    records: list[EventRecord]
    more: bool
    """There are further ones now."""


class RowsAfter(Wire, frozen=True, kw_only=True):
    run_id: str
    after: int = 0
    """The row number of the last one known."""


class CandidateNames(Wire, frozen=True, kw_only=True):
    """Columns: one entry a candidate, in the order they were made."""

    ids: list[str]
    names: list[str]
    parents: list[str | None]
    last: int
    more: bool


class Cells(Wire, frozen=True, kw_only=True):
    """Columns: one entry a rollout, in the order they were committed."""

    candidates: list[str]
    """The names that `candidate` counts into."""
    candidate: list[int]
    example: list[int]
    """Its place in its data set."""
    held_out: list[int]
    """1: of the validation data; 0: of the training data."""
    score: list[float | None]
    """None: a failed call; it is missing, not zero."""
    unparsed: list[int]
    """1: the program could not read its model's answer."""
    last: int
    more: bool


class OfCandidate(Wire, frozen=True, kw_only=True):
    run_id: str
    candidate: str


class MaybeCandidate(Wire, frozen=True, kw_only=True):
    candidate: Candidate | None


class FindRollouts(Wire, frozen=True, kw_only=True):
    """Those that fit everything given."""

    run_id: str
    candidate: str | None = None
    example: int | None = None
    split: str | None = None
    accepted_first: bool = False
    skip: int = 0


class Rollouts(Wire, frozen=True, kw_only=True):
    rollouts: list[Rollout]
    total: int


class OfRollout(Wire, frozen=True, kw_only=True):
    run_id: str
    rollout: str


class Calls(Wire, frozen=True, kw_only=True):
    calls: list[LmCall]


class ModelCost(Wire, frozen=True, kw_only=True):
    model: str
    calls: int
    cached: int
    """Of them answered by a cache, at no cost."""
    prompt_tokens: int
    completion_tokens: int
    usd: float | None
    """None: its price is unknown."""
    seconds: float


class Costs(Wire, frozen=True, kw_only=True):
    """What was spent, by model, and how it added up: `calls[i]` calls had cost `tokens[i]` and `usd[i]`."""

    models: list[ModelCost]
    calls: list[int]
    tokens: list[int]
    usd: list[float]


class ErrorKind(Wire, frozen=True, kw_only=True):
    text: str
    """What went wrong, without what differs from one rollout to the next."""
    count: int
    examples: list[int]
    """Some of the examples it happened on."""
    sample: str
    """One of its messages in full."""


class CandidateErrors(Wire, frozen=True, kw_only=True):
    candidate: str
    split: str
    rollouts: int
    accepted: int
    wrong: int
    """Answers that could be read and that the metric did not accept."""
    kinds: list[ErrorKind]
    """The most frequent first: answers that could not be read, calls that failed."""


class AskErrors(Wire, frozen=True, kw_only=True):
    run_id: str
    candidates: list[str]


class Errors(Wire, frozen=True, kw_only=True):
    of: list[CandidateErrors]


RESULTS_METHODS: dict[str, tuple[type[Wire], type[Wire]]] = {
    "results/list": (ListRuns, Runs),
    "results/run": (OfRun, RunPicture),
    "results/events": (EventsAfter, Events),
    "results/candidates": (RowsAfter, CandidateNames),
    "results/cells": (RowsAfter, Cells),
    "results/candidate": (OfCandidate, MaybeCandidate),
    "results/rollouts": (FindRollouts, Rollouts),
    "results/calls": (OfRollout, Calls),
    "results/costs": (OfRun, Costs),
    "results/errors": (AskErrors, Errors),
}
"""method → params, result"""
