"""`initialize`, `initialized`, and the client's folders. Nothing here waits: the editor does."""

import uuid
from pathlib import Path

import msgspec
from lsprotocol import types
from pygls.capabilities import ServerCapabilitiesBuilder

from tunesmith.server.sessions.abilities import Abilities
from tunesmith.server.sessions.documents import file_path
from tunesmith.server.sessions.handlers.guard import guarded
from tunesmith.server.sessions.server import TunesmithServer

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
    if ls.abilities.watch_files:
        ls.spawn(_watch_files(ls))


def did_change_workspace_folders(ls: TunesmithServer, params: types.DidChangeWorkspaceFoldersParams) -> None:
    gone = {file_path(folder.uri) for folder in params.event.removed}
    added = [path for folder in params.event.added if (path := file_path(folder.uri))]
    ls.roots = [root for root in ls.roots if root not in gone] + added
    for root in added:
        ls.daemon.folders.begin(root)


def _folders(params: types.InitializeParams) -> list[Path]:
    uris = [folder.uri for folder in params.workspace_folders or ()] or [params.root_uri]
    if uris == [None] and params.root_path:
        return [Path(params.root_path).resolve()]
    return [path for uri in uris if uri and (path := file_path(uri))]


@guarded
async def _watch_files(ls: TunesmithServer) -> None:
    watchers = [types.FileSystemWatcher(glob_pattern=pattern) for pattern in WATCHED]
    registration = types.Registration(
        id=str(uuid.uuid4()),
        method=types.WORKSPACE_DID_CHANGE_WATCHED_FILES,
        register_options=types.DidChangeWatchedFilesRegistrationOptions(watchers=watchers),
    )
    await ls.client_register_capability_async(types.RegistrationParams(registrations=[registration]))
