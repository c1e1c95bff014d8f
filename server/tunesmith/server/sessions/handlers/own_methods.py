"""`tunesmith/*` requests: the method table's structs in and out. They need no `initialize`: the command line sends
none."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import msgspec

from tunesmith.protocol import (
    METHODS,
    ApplyParams,
    ApplyResult,
    CheckReport,
    DaemonStatus,
    Empty,
    IndexReport,
    PathParams,
    RootParams,
    RunDetail,
    RunList,
    RunRef,
    RunStarted,
    ShowRun,
    StartRun,
    TargetList,
    WatchRun,
)
from tunesmith.server.sessions.folders import canonical
from tunesmith.server.sessions.handlers.guard import guarded
from tunesmith.server.sessions.server import TunesmithServer

OwnHandler = Callable[[TunesmithServer, Any], Awaitable[Any]]


async def index(ls: TunesmithServer, params: PathParams) -> IndexReport:
    workspace = await ls.daemon.folders.workspace(canonical(params.root))
    return workspace.report(params.path)


async def check(ls: TunesmithServer, params: PathParams) -> CheckReport: ...


async def targets(ls: TunesmithServer, params: RootParams) -> TargetList: ...


async def start_run(ls: TunesmithServer, params: StartRun) -> RunStarted:
    return await ls.daemon.runs.start(params, environment=ls.environment, trusted=ls.trusted)


async def resume_run(ls: TunesmithServer, params: RunRef) -> RunStarted:
    return await ls.daemon.runs.resume(params, environment=ls.environment, trusted=ls.trusted)


async def cancel_run(ls: TunesmithServer, params: RunRef) -> Empty:
    await ls.daemon.runs.cancel(params)
    return Empty()


async def list_runs(ls: TunesmithServer, params: RootParams) -> RunList: ...


async def show_run(ls: TunesmithServer, params: ShowRun) -> RunDetail: ...


async def watch_run(ls: TunesmithServer, params: WatchRun) -> Empty: ...


async def status(ls: TunesmithServer, _: Empty) -> DaemonStatus:
    return ls.daemon.status()


async def stop(ls: TunesmithServer, _: Empty) -> Empty:
    ls.daemon.stop()
    return Empty()
