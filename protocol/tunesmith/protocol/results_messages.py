"""Results page → its server: `tunesmith ui` in a browser, the extension's child process in a webview.

A run of ten thousand candidates must reach the page in parts and without what it does not show: rows come as
columns, one part after another (`after`), states and rollouts only when someone looks at them.
"""

from tunesmith.protocol.run_events import EventRecord
from tunesmith.protocol.run_records import Candidate, LmCall, Rollout, Totals
from tunesmith.protocol.run_report import ArtifactReport, RunSummary
from tunesmith.protocol.run_search import SearchReport
from tunesmith.protocol.run_spec import RunSpec
from tunesmith.protocol.wire import Wire


class WorkspaceRuns(Wire, frozen=True, kw_only=True):
    """Every run of the workspace that is no estimate."""

    root: str
    runs: list[RunSummary]
    """Newest first."""


class AskRun(Wire, frozen=True, kw_only=True):
    """Something of one run."""

    run_id: str


class RunPicture(Wire, frozen=True, kw_only=True):
    """What a run's page begins with."""

    summary: RunSummary
    spec: RunSpec | None
    """None: it was not ordered from a daemon."""
    artifact: ArtifactReport | None
    search: SearchReport | None
    totals: Totals


class EventsAfter(Wire, frozen=True, kw_only=True):
    """The run's events from a number on."""

    run_id: str
    after: int = 0
    """The number of the last event known."""
    wait: float = 0.0
    """Seconds to wait for something new where there is nothing yet."""


class EventList(Wire, frozen=True, kw_only=True):
    """Events in the order of their numbers, as many as fit one answer."""

    records: list[EventRecord]
    more: bool
    """There are further ones now."""


class RowsAfter(Wire, frozen=True, kw_only=True):
    """The run's rows from a number on."""

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


class ScoreCells(Wire, frozen=True, kw_only=True):
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


class AskCandidate(Wire, frozen=True, kw_only=True):
    """One candidate in full."""

    run_id: str
    candidate: str


class MaybeCandidate(Wire, frozen=True, kw_only=True):
    """None: the run has no candidate of that id."""

    candidate: Candidate | None


class FindRollouts(Wire, frozen=True, kw_only=True):
    """Those that fit everything given."""

    run_id: str
    candidate: str | None = None
    example: int | None = None
    split: str | None = None
    accepted_first: bool = False
    skip: int = 0


class RolloutList(Wire, frozen=True, kw_only=True):
    """One page of what was found, and how many there are in all."""

    rollouts: list[Rollout]
    total: int


class AskCalls(Wire, frozen=True, kw_only=True):
    """The LM calls of one rollout, by its key."""

    run_id: str
    rollout: str


class CallList(Wire, frozen=True, kw_only=True):
    """In the order they were committed."""

    calls: list[LmCall]


class ModelCost(Wire, frozen=True, kw_only=True):
    """What was spent on one model. Tokens, dollars and seconds leave out the calls a cache answered."""

    model: str
    calls: int
    cached: int
    """Of them answered by a cache, at no cost."""
    prompt_tokens: int
    completion_tokens: int
    usd: float | None
    """None: its price is unknown."""
    seconds: float


class RunCosts(Wire, frozen=True, kw_only=True):
    """What was spent, by model, and how it added up: `calls[i]` calls had cost `tokens[i]` and `usd[i]`."""

    models: list[ModelCost]
    calls: list[int]
    tokens: list[int]
    usd: list[float]


class RolloutErrorKind(Wire, frozen=True, kw_only=True):
    """Rollouts that failed in the same way."""

    text: str
    """What went wrong, without what differs from one rollout to the next."""
    count: int
    examples: list[int]
    """Some of the examples it happened on."""
    sample: str
    """One of its messages in full."""


class CandidateErrors(Wire, frozen=True, kw_only=True):
    """How a candidate's rollouts on one data set went."""

    candidate: str
    split: str
    rollouts: int
    accepted: int
    wrong: int
    """Answers that could be read and that the metric did not accept."""
    kinds: list[RolloutErrorKind]
    """The most frequent first: answers that could not be read, calls that failed."""


class AskErrors(Wire, frozen=True, kw_only=True):
    """What went wrong with these candidates, by id."""

    run_id: str
    candidates: list[str]


class RunErrors(Wire, frozen=True, kw_only=True):
    """Of each candidate asked for, an entry for each data set it met."""

    of: list[CandidateErrors]
