"""The wire as one table: every method tunesmith adds, who sends it, and what it carries.

TypeScript types are generated from it (`typescript.py`). Adding a method is adding a line.
"""

from typing import Literal

from tunesmith.protocol.index_report import CheckReport, IndexReport
from tunesmith.protocol.results_messages import (
    AskCalls,
    AskCandidate,
    AskErrors,
    AskRun,
    CallList,
    CandidateNames,
    EventList,
    EventsAfter,
    FindRollouts,
    MaybeCandidate,
    RolloutList,
    RowsAfter,
    RunCosts,
    RunErrors,
    RunPicture,
    ScoreCells,
    WorkspaceRuns,
)
from tunesmith.protocol.session_messages import (
    ApplyParams,
    ApplyResult,
    DaemonStatus,
    Empty,
    PathParams,
    RootParams,
    RunDetail,
    RunEventParams,
    RunList,
    RunRef,
    RunStarted,
    ShowRun,
    StartRun,
    TargetList,
    WatchRun,
)
from tunesmith.protocol.wire import Wire
from tunesmith.protocol.worker_messages import (
    CancelOrder,
    RunEventNote,
    RunOrder,
    RunOutcome,
    WorkerHello,
    WorkerReady,
)


class Method(Wire, frozen=True, kw_only=True):
    """One line of the table."""

    name: str
    link: Literal["client→daemon", "daemon→client", "daemon→worker", "worker→daemon", "page→server"]
    """Who asks and who answers. The page's server is the process that serves it, no daemon."""
    params: type[Wire]
    result: type[Wire] | None
    """None: a notification."""


METHODS: dict[str, Method] = {
    method.name: method
    for method in (
        Method(name="tunesmith/index", link="client→daemon", params=PathParams, result=IndexReport),
        Method(name="tunesmith/check", link="client→daemon", params=PathParams, result=CheckReport),
        Method(name="tunesmith/targets", link="client→daemon", params=RootParams, result=TargetList),
        Method(name="tunesmith/startRun", link="client→daemon", params=StartRun, result=RunStarted),
        Method(name="tunesmith/resumeRun", link="client→daemon", params=RunRef, result=RunStarted),
        Method(name="tunesmith/cancelRun", link="client→daemon", params=RunRef, result=Empty),
        Method(name="tunesmith/watchRun", link="client→daemon", params=WatchRun, result=Empty),
        Method(name="tunesmith/listRuns", link="client→daemon", params=RootParams, result=RunList),
        Method(name="tunesmith/showRun", link="client→daemon", params=ShowRun, result=RunDetail),
        Method(name="tunesmith/apply", link="client→daemon", params=ApplyParams, result=ApplyResult),
        Method(name="tunesmith/status", link="client→daemon", params=Empty, result=DaemonStatus),
        Method(name="tunesmith/stop", link="client→daemon", params=Empty, result=Empty),
        Method(name="tunesmith/runEvent", link="daemon→client", params=RunEventParams, result=None),
        Method(name="worker/hello", link="daemon→worker", params=WorkerHello, result=WorkerReady),
        Method(name="worker/run", link="daemon→worker", params=RunOrder, result=RunOutcome),
        Method(name="worker/cancel", link="daemon→worker", params=CancelOrder, result=None),
        Method(name="worker/event", link="worker→daemon", params=RunEventNote, result=None),
        Method(name="results/list", link="page→server", params=Empty, result=WorkspaceRuns),
        Method(name="results/run", link="page→server", params=AskRun, result=RunPicture),
        Method(name="results/events", link="page→server", params=EventsAfter, result=EventList),
        Method(name="results/candidates", link="page→server", params=RowsAfter, result=CandidateNames),
        Method(name="results/cells", link="page→server", params=RowsAfter, result=ScoreCells),
        Method(name="results/candidate", link="page→server", params=AskCandidate, result=MaybeCandidate),
        Method(name="results/rollouts", link="page→server", params=FindRollouts, result=RolloutList),
        Method(name="results/calls", link="page→server", params=AskCalls, result=CallList),
        Method(name="results/costs", link="page→server", params=AskRun, result=RunCosts),
        Method(name="results/errors", link="page→server", params=AskErrors, result=RunErrors),
    )
}
