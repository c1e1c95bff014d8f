"""What a run tells while it goes. Committed to its store before anyone is told; followers read from any number."""

from typing import Literal

from tunesmith.protocol.run_records import RunStatus
from tunesmith.protocol.scores import Gain, Score
from tunesmith.protocol.wire import Wire


class StatusChanged(Wire, frozen=True, kw_only=True, tag_field="kind", tag="status"):
    status: RunStatus
    reason: str | None = None


class Progressed(Wire, frozen=True, kw_only=True, tag_field="kind", tag="progress"):
    """`phase` is a short noun phrase shown to users: "bootstrapping", "scoring the baseline"."""

    phase: str
    done: int
    total: int | None
    text: str = ""


class CandidateScored(Wire, frozen=True, kw_only=True, tag_field="kind", tag="candidate"):
    candidate: str
    name: str
    score: Score
    gain: Gain | None = None


class RoundEnded(Wire, frozen=True, kw_only=True, tag_field="kind", tag="round"):
    """A teacher round of BootstrapFewShot."""

    round: int
    tried: int
    accepted: int
    pool: int


class Warned(Wire, frozen=True, kw_only=True, tag_field="kind", tag="warning"):
    message: str


class Printed(Wire, frozen=True, kw_only=True, tag_field="kind", tag="printed"):
    """What user code wrote to its standard streams."""

    stream: Literal["stdout", "stderr"]
    text: str


RunEvent = StatusChanged | Progressed | CandidateScored | RoundEnded | Warned | Printed


class EventRecord(Wire, frozen=True, kw_only=True):
    """An event as committed. `seq` starts at 1 and has no gaps; `time` is seconds since the epoch."""

    seq: int
    time: float
    event: RunEvent
