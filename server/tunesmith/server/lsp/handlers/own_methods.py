"""`tunesmith/*` requests: the method table's structs in and out. They need no `initialize`: the command line sends
none."""

import asyncio
import functools
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import msgspec

from tunesmith.protocol import METHODS
from tunesmith.protocol.index_report import CheckReport, IndexReport
from tunesmith.protocol.session_messages import (
    ApplyParams,
    ApplyResult,
    DaemonStatus,
    Empty,
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
from tunesmith.server.applying import apply_to_disk
from tunesmith.server.features import check_files as check_workspace
from tunesmith.server.features import list_targets
from tunesmith.server.index import index_report
from tunesmith.server.lsp.handlers.guard import guarded
from tunesmith.server.lsp.server import TunesmithServer
from tunesmith.server.workspace import Workspace, canonical

OwnHandler = Callable[[TunesmithServer, Any], Awaitable[Any]]


def own_handlers() -> dict[str, OwnHandler]:
    """By method: parameters checked on the way in, results made plain on the way out."""
    return {method: guarded(_plain(method, handler)) for method, handler in HANDLERS.items()}


def _plain(method: str, handler: OwnHandler) -> OwnHandler:
    params_type = METHODS[method].params

    @functools.wraps(handler)
    async def plain(ls: TunesmithServer, params: Any) -> Any:
        struct = msgspec.convert({} if params is None else params, params_type)
        return msgspec.to_builtins(await handler(ls, struct))

    return plain


async def index(ls: TunesmithServer, params: PathParams) -> IndexReport:
    return index_report((await _workspace(ls, params.root)).snapshot().index, _within(params))


async def check(ls: TunesmithServer, params: PathParams) -> CheckReport:
    return check_workspace(ls.snapshot(await _workspace(ls, params.root)), _within(params))


async def targets(ls: TunesmithServer, params: RootParams) -> TargetList:
    workspace = await _workspace(ls, params.root)
    newest_first = ls.daemon.runs.list_runs(Path(params.root))
    return list_targets(ls.snapshot(workspace), newest_first)


async def start_run(ls: TunesmithServer, params: StartRun) -> RunStarted:
    await _workspace(ls, params.root)
    return await ls.start_run(params)


async def resume_run(ls: TunesmithServer, params: RunRef) -> RunStarted:
    await _workspace(ls, params.root)
    return await ls.resume_run(params)


async def cancel_run(ls: TunesmithServer, params: RunRef) -> Empty:
    await ls.daemon.runs.cancel(params)
    return Empty()


async def watch_run(ls: TunesmithServer, params: WatchRun) -> Empty:
    ls.following.watch(params)
    return Empty()


async def list_runs(ls: TunesmithServer, params: RootParams) -> RunList:
    return RunList(runs=ls.daemon.runs.list_runs(Path(params.root)))


async def show_run(ls: TunesmithServer, params: ShowRun) -> RunDetail:
    return await asyncio.to_thread(ls.daemon.runs.show, params)


async def apply(ls: TunesmithServer, params: ApplyParams) -> ApplyResult:
    workspace = await _workspace(ls, params.root)
    result = await apply_to_disk(ls.daemon.runs, workspace, params)
    if result.written:
        ls.daemon.folders.refresh(Path(workspace.root), f"run {params.run_id} was applied")
    return result


async def status(ls: TunesmithServer, _: Empty) -> DaemonStatus:
    return ls.daemon.status()


async def stop(ls: TunesmithServer, _: Empty) -> Empty:
    ls.daemon.stop()
    return Empty()


HANDLERS: dict[str, OwnHandler] = {
    "tunesmith/index": index,
    "tunesmith/check": check,
    "tunesmith/targets": targets,
    "tunesmith/startRun": start_run,
    "tunesmith/resumeRun": resume_run,
    "tunesmith/cancelRun": cancel_run,
    "tunesmith/watchRun": watch_run,
    "tunesmith/listRuns": list_runs,
    "tunesmith/showRun": show_run,
    "tunesmith/apply": apply,
    "tunesmith/status": status,
    "tunesmith/stop": stop,
}


async def _workspace(ls: TunesmithServer, root: str) -> Workspace:
    """As the disk is now: these clients report no changes."""
    folder = canonical(root)
    ls.daemon.folders.refresh(folder, "asked from outside an editor")
    return await ls.daemon.folders.workspace(folder)


def _within(params: PathParams) -> str | None:
    """Relative to the root. What lies outside is in no workspace, and nothing is found there."""
    if params.path is None:
        return None
    root, path = canonical(params.root), canonical(Path(params.root) / params.path)
    return None if path == root else path.relative_to(root).as_posix() if path.is_relative_to(root) else params.path
