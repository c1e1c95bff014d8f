"""Putting a session's server together: which method is answered by which function."""

import functools
from collections.abc import Callable, Mapping
from typing import Any

from lsprotocol import types

from tunesmith.server.lsp.handlers import (
    code_action,
    code_lens,
    commands,
    diagnostic,
    documents,
    inlay_hint,
    inline_completion,
    lifecycle,
)
from tunesmith.server.lsp.handlers.own_methods import own_handlers
from tunesmith.server.lsp.server import TunesmithServer
from tunesmith.server.lsp.shared_state import Daemon

HANDLERS: dict[str, Callable[..., Any]] = {
    types.INITIALIZED: lifecycle.initialized,
    types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS: lifecycle.did_change_workspace_folders,
    types.TEXT_DOCUMENT_DID_OPEN: documents.did_open,
    types.TEXT_DOCUMENT_DID_CHANGE: documents.did_change,
    types.TEXT_DOCUMENT_DID_CLOSE: documents.did_close,
    types.TEXT_DOCUMENT_DID_SAVE: documents.did_save,
    types.WORKSPACE_DID_CHANGE_WATCHED_FILES: documents.did_change_watched_files,
    types.TEXT_DOCUMENT_CODE_LENS: code_lens.code_lens,
}


def build_server(daemon: Daemon, environment: Mapping[str, str]) -> TunesmithServer:
    """The server of one connection, ready for its first message. `environment` is the client's."""
    server = TunesmithServer(daemon, environment)
    server.refresh.publish = functools.partial(diagnostic.publish, server)
    for method, handler in (HANDLERS | own_handlers()).items():
        server.feature(method)(handler)
    for name, command in commands.COMMANDS.items():
        server.command(name)(commands.command(command))

    @server.feature(types.INITIALIZE)
    def initialize(params: types.InitializeParams) -> None:
        lifecycle.initialize(server, params)
        _offer_what_the_client_can_use(server)

    return server


def _offer_what_the_client_can_use(server: TunesmithServer) -> None:
    """Before pygls computes the capabilities from what is registered."""
    if server.abilities.pull_diagnostics:
        options = types.DiagnosticOptions(inter_file_dependencies=True, workspace_diagnostics=False)
        server.feature(types.TEXT_DOCUMENT_DIAGNOSTIC, options)(diagnostic.diagnostic)
    if server.abilities.inlay_hints:
        server.feature(types.TEXT_DOCUMENT_INLAY_HINT)(inlay_hint.inlay_hint)
    if server.abilities.inline_completions:
        completions = types.InlineCompletionOptions()  # without options, pygls keeps it to itself
        server.feature(types.TEXT_DOCUMENT_INLINE_COMPLETION, completions)(inline_completion.inline_completion)
    resolves = server.abilities.takes_whole_edits
    kinds = list(code_action.KINDS)
    if server.abilities.action_literals:
        actions = types.CodeActionOptions(code_action_kinds=kinds, resolve_provider=resolves)
        server.feature(types.TEXT_DOCUMENT_CODE_ACTION, actions)(code_action.code_action)
    else:
        server.feature(types.TEXT_DOCUMENT_CODE_ACTION)(code_action.code_action)
    if resolves:
        server.feature(types.CODE_ACTION_RESOLVE)(code_action.resolve)
