"""The wire as one table: every method tunesmith adds, who sends it, and what it carries.

TypeScript types are generated from it (`typescript.py`). Adding a method is adding a line.
"""

from typing import Literal

from tunesmith.protocol.index_report import CheckReport, IndexReport
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
    name: str
    link: Literal["client→daemon", "daemon→client", "daemon→worker", "worker→daemon"]
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
    )
}
