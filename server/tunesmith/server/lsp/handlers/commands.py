"""`workspace/executeCommand`: what lenses and actions run. Each takes one object."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec
from lsprotocol import types
from pygls.exceptions import JsonRpcInvalidParams

from tunesmith.protocol import UserError
from tunesmith.protocol.folder_layout import REPORT_FILE
from tunesmith.protocol.session_messages import RunRef, RunStarted, ShowRun, StartRun
from tunesmith.server.applying import copy_students_of, write_new_files
from tunesmith.server.errors import CaptureUnconfirmed
from tunesmith.server.lsp.handlers.code_action import Choice, compose_choice
from tunesmith.server.lsp.handlers.guard import guarded, refused
from tunesmith.server.lsp.server import TunesmithServer
from tunesmith.server.lsp.workspace_edit import as_source_edit
from tunesmith.server.text import describe_end, describe_state, describe_work

AGREE = "Run the script"

Command = Callable[[TunesmithServer, Any], Awaitable[Any]]


async def tune(ls: TunesmithServer, arguments: Mapping[str, Any]) -> RunStarted:
    """Without an optimizer: with the one the target's code or configuration names."""
    return await _start(ls, msgspec.convert(arguments, StartRun))


async def evaluate(ls: TunesmithServer, arguments: Mapping[str, Any]) -> RunStarted:
    return await _start(ls, msgspec.convert({**arguments, "optimizer": "evaluate"}, StartRun))


async def cancel(ls: TunesmithServer, arguments: Mapping[str, Any]) -> None:
    await ls.daemon.runs.cancel(msgspec.convert(arguments, RunRef))


async def resume(ls: TunesmithServer, arguments: Mapping[str, Any]) -> RunStarted:
    run = msgspec.convert(arguments, RunRef)
    started = await ls.resume_run(run)
    summary = ls.daemon.runs.show(ShowRun(root=run.root, run_id=run.run_id)).summary
    ls.spawn(ls.following.show(run, describe_work(summary.optimizer, summary.target)))
    return started


async def show_run(ls: TunesmithServer, arguments: Mapping[str, Any]) -> None:
    """Its report as a document, where it has one and the client opens documents; else a sentence."""
    run = ls.daemon.runs.show(msgspec.convert(arguments, ShowRun)).summary
    report = Path(run.run_dir) / REPORT_FILE
    if ls.abilities.show_document and report.exists():
        await asyncio.shield(
            ls.window_show_document_async(types.ShowDocumentParams(uri=report.as_uri(), take_focus=True))
        )
    else:
        ls.show_message(*(describe_end(run) or describe_state(run)))


async def apply(ls: TunesmithServer, arguments: Mapping[str, Any]) -> None:
    """For clients that cannot create files in an edit: the new file is written here, the source is theirs."""
    edit, file, sources = await compose_choice(ls, msgspec.convert(arguments, Choice))
    await copy_students_of(edit, file.root)
    write_new_files(file.root, edit)
    if not sources:
        return
    change = as_source_edit(edit, sources, versioned=ls.abilities.versioned_edits)
    params = types.ApplyWorkspaceEditParams(edit=change, label=edit.summary)
    answer = await asyncio.shield(ls.workspace_apply_edit_async(params))
    if not answer.applied:
        reason = answer.failure_reason or "it gave no reason"
        raise refused(UserError(message=f"The editor did not apply the edit ({reason}).", where=file.path))


COMMANDS: dict[str, Command] = {
    "tunesmith.tune": tune,
    "tunesmith.evaluate": evaluate,
    "tunesmith.cancel": cancel,
    "tunesmith.resume": resume,
    "tunesmith.showRun": show_run,
    "tunesmith.apply": apply,
}


def command(handler: Command) -> Callable[..., Awaitable[Any]]:
    """As pygls calls it: the arguments one by one."""

    @guarded
    async def one(ls: TunesmithServer, arguments: Any) -> Any:
        if len(arguments) != 1:
            raise JsonRpcInvalidParams(f"one argument expected, {len(arguments)} given")
        return msgspec.to_builtins(await handler(ls, arguments[0]))

    async def run(ls: TunesmithServer, *arguments: Any) -> Any:
        return await one(ls, arguments)

    return run


async def _start(ls: TunesmithServer, order: StartRun) -> RunStarted:
    try:
        started = await ls.start_run(order)
    except CaptureUnconfirmed as unconfirmed:
        if not await _agrees(ls, str(unconfirmed)):
            raise
        confirmed = msgspec.structs.replace(order, confirmed_capture=True)
        started = await ls.start_run(confirmed)
    run = RunRef(root=order.root, run_id=started.run_id)
    ls.spawn(ls.following.show(run, describe_work(order.optimizer, order.target, estimates=order.estimate_only)))
    return started


async def _agrees(ls: TunesmithServer, question: str) -> bool:
    params = types.ShowMessageRequestParams(
        type=types.MessageType.Warning, message=question, actions=[types.MessageActionItem(title=AGREE)]
    )
    answer = await asyncio.shield(ls.window_show_message_request_async(params))
    return answer is not None and answer.title == AGREE
