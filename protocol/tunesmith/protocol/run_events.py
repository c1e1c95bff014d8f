"""What a run reports while it goes. Committed to its store before anyone hears of it; followers start at any number."""

from typing import Literal

from tunesmith.protocol.run_finetune import DevScored, TrainingStarted, TrainingStep
from tunesmith.protocol.run_status import RunStatus
from tunesmith.protocol.scores import Gain, Score
from tunesmith.protocol.wire import Wire


class StatusChanged(Wire, frozen=True, kw_only=True, tag_field="kind", tag="status"):
    """The run went from one state to the next (`run_status.py`)."""

    status: RunStatus
    reason: str | None = None


class Progressed(Wire, frozen=True, kw_only=True, tag_field="kind", tag="progress"):
    """`phase` is a short noun phrase shown to users: "bootstrapping", "scoring the baseline"."""

    phase: str
    done: int
    total: int | None
    text: str = ""


class CandidateScored(Wire, frozen=True, kw_only=True, tag_field="kind", tag="candidate"):
    """A candidate's score on the examples it has met so far. `candidate` is its id in the store."""

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


class Analysed(Wire, frozen=True, kw_only=True, tag_field="kind", tag="analysed"):
    """What was found in data, program and errors before instructions were written."""

    lines: list[str]


class InstructionsProposed(Wire, frozen=True, kw_only=True, tag_field="kind", tag="proposed"):
    """New instructions for one predictor entered the search."""

    predictor: str
    round: int
    """0: before the search; then from what failed."""
    count: int
    views: dict[str, int]
    """How many come from which view."""


SearchReason = Literal["baseline", "design", "new", "leader", "challenger", "predicted", "finishing"]
"""Why a search measures a candidate in a batch.

- baseline: it is what every other candidate is compared with.
- design: it is one of the first, balanced choice, which tells the effects of instructions and demo sets apart.
- new: it is the leader with an instruction that entered the search since and was not measured yet.
- leader: it has the highest posterior mean, and a posterior draw found it best.
- challenger: measured before, behind the leader, and a posterior draw found it best (top-two Thompson sampling).
- predicted: never measured, and a posterior draw found it best, by what its parts did elsewhere.
- finishing: it is the leader, and the rest of the budget is for its remaining examples.
"""


class BatchArm(Wire, frozen=True, kw_only=True):
    """What a batch of the search asks of one candidate."""

    candidate: str
    cells: int
    """Examples to score it on."""
    reason: SearchReason


class Belief(Wire, frozen=True, kw_only=True):
    """The posterior of one candidate's score on all examples: its mean and what holds 95 % of it."""

    candidate: str
    mean: float
    low: float
    high: float
    n: int
    """Examples it was scored on."""


class BatchClosed(Wire, frozen=True, kw_only=True, tag_field="kind", tag="batch"):
    """A batch of the search is decided. `leader` is the candidate it would return now. A resumed run reports its
    batches again from the first: the later of two with one number counts."""

    batch: int
    rollouts: int
    ceiling: int
    tried: int
    """Candidates scored on at least one example."""
    leader: str
    mean: float
    """What the search believes the leader's score to be."""
    probability: float
    """That the leader beats the baseline."""
    arms: list[BatchArm] = []
    """What was asked of whom. Their cells add up to the batch's."""
    beliefs: list[Belief] = []
    """After the batch, of those that matter: the baseline, the leader, the best few and the batch's, so far as they
    were scored. Bounded, however many candidates there are."""


class Warned(Wire, frozen=True, kw_only=True, tag_field="kind", tag="warning"):
    """Something a user should know, and that did not stop the run."""

    message: str


class Printed(Wire, frozen=True, kw_only=True, tag_field="kind", tag="printed"):
    """What user code wrote to its standard streams."""

    stream: Literal["stdout", "stderr"]
    text: str


RunEvent = (
    StatusChanged
    | Progressed
    | CandidateScored
    | RoundEnded
    | Analysed
    | InstructionsProposed
    | BatchClosed
    | TrainingStarted
    | TrainingStep
    | DevScored
    | Warned
    | Printed
)


def as_progress(event: RunEvent) -> Progressed | None:
    """How far a run is, where the event says it: of any phase, or of a training."""
    if isinstance(event, TrainingStep):
        return Progressed(
            phase=f"training {event.student}", done=event.step, total=event.steps, text=f"loss {event.loss:.3f}"
        )
    return event if isinstance(event, Progressed) else None


class EventRecord(Wire, frozen=True, kw_only=True):
    """An event as committed. `seq` starts at 1 and has no gaps; `time` is seconds since the epoch."""

    seq: int
    time: float
    event: RunEvent
