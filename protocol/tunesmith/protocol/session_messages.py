"""Client ↔ daemon: what tunesmith adds to the Language Server Protocol, for the extension and the command line."""

from typing import Any, Literal

from tunesmith.protocol.optimizers import OptimizerName, Tuner
from tunesmith.protocol.run_events import EventRecord
from tunesmith.protocol.run_records import Candidate, LmCall, Rollout
from tunesmith.protocol.run_report import ArtifactReport, RunSummary
from tunesmith.protocol.run_search import SearchReport
from tunesmith.protocol.run_spec import Budget
from tunesmith.protocol.wire import Wire


class ClientGreeting(Wire, frozen=True, kw_only=True):
    """First line on the daemon's socket, before any JSON-RPC. The environment serves the runs this client asks
    for, stays in memory, and is never logged."""

    protocol: int
    version: str
    client: Literal["lsp", "cli"]
    cwd: str
    environment: dict[str, str]


class DaemonGreeting(Wire, frozen=True, kw_only=True):
    """The daemon's first line."""

    protocol: int
    version: str
    pid: int


class RootParams(Wire, frozen=True, kw_only=True):
    """Something of one workspace."""

    root: str
    """Absolute path of a workspace folder."""


class PathParams(Wire, frozen=True, kw_only=True):
    """Something of one workspace, or of a part of it."""

    root: str
    path: str | None = None
    """A file or folder inside the root; None: all of it."""


class PredictorInfo(Wire, frozen=True, kw_only=True):
    """A predictor of a target's program, and what the newest run that ships something has for it."""

    name: str
    """As `named_predictors()` gives it; ends in `*` where the rest is only known at run time."""
    kind: str
    """`Predict`, `ChainOfThought`, …; empty where it is only known at run time."""
    signature: str | None
    """The name of its class, or the string."""
    file: str
    """Where it is made, relative to the root."""
    line: int
    dynamic: bool = False
    demos: int = 0
    instruction: bool = False
    """A new one."""
    model: str | None = None
    """What its finetuned model was made from."""


class ProgramInfo(Wire, frozen=True, kw_only=True):
    """A target's program, as far as the source tells."""

    name: str
    """Its class, or the call that makes a bare predictor."""
    file: str
    """Where that stands, relative to the root."""
    line: int
    predictors: list[PredictorInfo]
    modules: list[str]
    """Every module class it is made of, bases and parts of parts included: `file:Class`."""


class TargetInfo(Wire, frozen=True, kw_only=True):
    """Something that can be tuned. Program, metric and data read as in the source or in pyproject.toml."""

    name: str
    kind: Literal["configured", "compile"]
    file: str
    line: int
    program: str | None
    metric: str | None
    trainset: str | None
    importable: bool = True
    """False: its arguments are local variables, so a run needs `confirmed_capture`."""
    optimizer: Tuner | None = None
    """What tunes it where `StartRun` names nothing."""
    definition: ProgramInfo | None = None
    """None where the index cannot follow `program`."""
    last_run: RunSummary | None = None


class TargetList(Wire, frozen=True, kw_only=True):
    """Everything that can be tuned in the workspace."""

    targets: list[TargetInfo]


class StartRun(Wire, frozen=True, kw_only=True):
    """Tune, evaluate or estimate a target. What is left out comes from `[tool.tunesmith]`, then from the optimizer."""

    root: str
    target: str
    """A target's name, or `file:line` of its `compile` call."""
    optimizer: OptimizerName | None = None
    """None: the target's own, which `TargetInfo.optimizer` names."""
    options: dict[str, Any] = {}
    lm: str | None = None
    teacher_lm: str | None = None
    prompt_lm: str | None = None
    model: str | None = None
    budget: Budget = Budget()
    seed: int = 0
    threads: int | None = None
    keep_baseline: bool = True
    estimate_only: bool = False
    interpreter: str | None = None
    """None: `[tool.tunesmith] interpreter`, the root's virtual environment, or the client's `python`."""
    confirmed_capture: bool = False
    arguments: list[str] = []
    """`sys.argv[1:]` of a script that is run up to its `compile` call."""
    reuse_from: str | None = None
    """A run id."""


class RunRef(Wire, frozen=True, kw_only=True):
    """One run of one workspace."""

    root: str
    run_id: str


class RunStarted(Wire, frozen=True, kw_only=True):
    """The run is queued, and its folder is there."""

    run_id: str
    run_dir: str


class WatchRun(Wire, frozen=True, kw_only=True):
    """Send the run's events from `after` on (0: all), then go on as they come, until its status is final."""

    root: str
    run_id: str
    after: int = 0


class ShowRun(Wire, frozen=True, kw_only=True):
    """One run in full."""

    root: str
    run_id: str
    example: int | None = None
    """Index in its data set: its rollouts are shown step by step, with prompts and completions."""


class RunDetail(Wire, frozen=True, kw_only=True):
    """A run as far as it is. Rollouts and their calls are those of the example asked for, none without."""

    summary: RunSummary
    artifact: ArtifactReport | None
    candidates: list[Candidate]
    events: list[EventRecord]
    rollouts: list[Rollout]
    calls: list[LmCall]
    search: SearchReport | None = None
    """Of a run that searches."""


class RunList(Wire, frozen=True, kw_only=True):
    """Newest first, without estimates."""

    runs: list[RunSummary]


class RunEventParams(Wire, frozen=True, kw_only=True):
    """Notification `tunesmith/runEvent`, to clients that watch the run."""

    root: str
    run_id: str
    record: EventRecord


class ApplyParams(Wire, frozen=True, kw_only=True):
    """Bring what a run found into the source: load its artifact, or write its demos or instructions."""

    root: str
    run_id: str
    form: Literal["load", "demos", "instructions"] = "load"
    predictor: str | None = None
    """With `instructions`: only this predictor's; None: all that changed, and the demos."""
    write: bool = False
    """False: only compose the edit."""


class ApplyResult(Wire, frozen=True, kw_only=True):
    """The edit, made or only composed."""

    files: list[str]
    """Files changed or created, relative to the root; of copied models their folder."""
    diff: str
    """Unified diff of the source edit and the copied artifact's path."""
    written: bool


class DaemonStatus(Wire, frozen=True, kw_only=True):
    """The daemon itself, and the ids of the runs it executes and those that wait."""

    pid: int
    version: str
    protocol: int
    seconds: float
    """Since it started."""
    socket: str | None
    log: str
    sessions: int
    running: list[str]
    queued: list[str]


class Empty(Wire, frozen=True, kw_only=True):
    """No parameters, or nothing to answer."""
