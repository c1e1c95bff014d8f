"""`initialize`, `initialized`, and the client's folders. Nothing here waits: the editor does."""

import asyncio
import contextlib
import uuid
from pathlib import Path

import msgspec
from lsprotocol import types
from pygls.capabilities import ServerCapabilitiesBuilder
from pygls.exceptions import JsonRpcException

from tunesmith.protocol.session_messages import RunRef
from tunesmith.server.lsp.abilities import Abilities
from tunesmith.server.lsp.documents import file_path
from tunesmith.server.lsp.server import TunesmithServer
from tunesmith.server.text import describe_work

WATCHED = ("**/*.py", "**/pyproject.toml")


class Options(msgspec.Struct):
    """`initializationOptions`."""

    trusted: bool = True
    """False: nothing of the workspace may be executed."""


def initialize(ls: TunesmithServer, params: types.InitializeParams) -> None:
    """Learn about the client. What it can use is registered here, because pygls computes the capabilities next."""
    try:
        options = msgspec.convert(params.initialization_options or {}, Options)
    except msgspec.ValidationError:
        options = Options(trusted=False)  # unreadable: the careful reading
    ls.trusted = options.trusted
    ls.abilities = Abilities.of(params.capabilities)
    ls.documents.encoding = ServerCapabilitiesBuilder.choose_position_encoding(params.capabilities)
    ls.roots = _folders(params)


async def initialized(ls: TunesmithServer, _: types.InitializedParams) -> None:
    for root in ls.roots:
        ls.daemon.folders.begin(root)
        _show_what_runs(ls, root)
    if ls.abilities.watch_files:
        ls.spawn(_watch_files(ls))


def did_change_workspace_folders(ls: TunesmithServer, params: types.DidChangeWorkspaceFoldersParams) -> None:
    gone = {file_path(folder.uri) for folder in params.event.removed}
    added = [path for folder in params.event.added if (path := file_path(folder.uri))]
    ls.roots = [root for root in ls.roots if root not in gone] + added
    for root in added:
        ls.daemon.folders.begin(root)


def _folders(params: types.InitializeParams) -> list[Path]:
    """Newer clients name folders, older ones a root, the oldest a path."""
    if params.workspace_folders:
        return [path for folder in params.workspace_folders if (path := file_path(folder.uri))]
    if params.root_uri:
        path = file_path(params.root_uri)
        return [path] if path else []
    return [Path(params.root_path).resolve()] if params.root_path else []


def _show_what_runs(ls: TunesmithServer, root: Path) -> None:
    """Runs outlive windows: a new one shows what goes on in its folders."""
    going = set(ls.daemon.runs.running)
    for run in ls.daemon.runs.list_runs(root) if going else ():
        if run.run_id in going:
            ref = RunRef(root=str(root), run_id=run.run_id)
            ls.spawn(ls.following.show(ref, describe_work(run.optimizer, run.target)))


async def _watch_files(ls: TunesmithServer) -> None:
    watchers = [types.FileSystemWatcher(glob_pattern=pattern) for pattern in WATCHED]
    registration = types.Registration(
        id=str(uuid.uuid4()),
        method=types.WORKSPACE_DID_CHANGE_WATCHED_FILES,
        register_options=types.DidChangeWatchedFilesRegistrationOptions(watchers=watchers),
    )
    with contextlib.suppress(JsonRpcException):  # saving a document is still reported
        await asyncio.shield(
            ls.client_register_capability_async(types.RegistrationParams(registrations=[registration]))
        )
