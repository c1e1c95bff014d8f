"""How a run ended: what `optimize --json` ends with, and what lies in the artifact."""

from typing import Any

from tunesmith.protocol.fingerprints import ProgramFingerprint
from tunesmith.protocol.run_finetune import FinetuneReport, StudentInfo
from tunesmith.protocol.run_search import Estimate, InstructionChoice
from tunesmith.protocol.run_status import RunStatus
from tunesmith.protocol.scores import Gain, Score
from tunesmith.protocol.targets import Target
from tunesmith.protocol.wire import Wire


class RunReport(Wire, frozen=True, kw_only=True):
    """The last line of `optimize --json` and `evaluate --json`. `tuned`, `gain` and `artifact` are None where
    there is nothing to compare or to ship."""

    run_id: str
    status: RunStatus
    optimizer: str
    target: str
    baseline: Score | None
    tuned: Score | None
    gain: Gain | None
    calls: int
    tokens: int
    usd: float | None
    seconds: float
    artifact: str | None
    """Path of `program.json`."""
    searched: bool = False
    """The examples scored are those a search chose its result on: expect less of the gain on new ones."""
    estimate: Estimate | None = None
    """Of a run that was only to be estimated."""
    finetune: FinetuneReport | None = None
    """Of a run that finetunes."""


class DemoChoice(Wire, frozen=True, kw_only=True):
    """A chosen demonstration and why it was chosen."""

    predictor: str
    example: int | None
    """Index in the training data; None for demos the program already had."""
    origin: str
    """`bootstrapped`, `labeled`, or `own` (written in the program)."""
    why: str
    """One line: what it adds (coverage, label, length)."""
    tokens: int
    values: dict[str, Any]


class ArtifactReport(Wire, frozen=True, kw_only=True):
    """`report.json`, beside `program.json` in the run's folder. Also `metadata.tunesmith` of what is applied."""

    report: RunReport
    target: Target
    fingerprint: ProgramFingerprint | None
    source_digests: dict[str, str]
    predictors: list[str]
    """Names of `named_predictors()` at run time."""
    demos: list[DemoChoice]
    instructions: list[InstructionChoice] = []
    """Of predictors whose instruction was changed."""
    students: list[StudentInfo] = []
    """Finetuned models that stand in for the program's own."""
    literal_demos: bool
    """Every demo is made of literals, so that source text can carry it."""
    warnings: list[str]
    created: float


class UserError(Wire, frozen=True, kw_only=True):
    """Something a user can mend: what failed, where, and the next step."""

    message: str
    where: str | None = None
    """`file:line`."""
    next_step: str | None = None
    traceback: str | None = None
    """The user's own frames only."""

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        step = f" {self.next_step}" if self.next_step else ""
        return f"{place}{self.message}{step}"


class RunSummary(Wire, frozen=True, kw_only=True):
    """A run in a list."""

    run_id: str
    run_dir: str
    target: str
    optimizer: str
    status: RunStatus
    created: float
    progress: str
    """What it is doing, in a few words; empty once it ended."""
    report: RunReport | None
    error: UserError | None
