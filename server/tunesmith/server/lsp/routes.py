"""Which method is answered by which function: one line a language feature, whatever it needs and offers.

A function is named `module.function`, or by its module alone where it is called the same.
"""

import functools
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any, NamedTuple

from lsprotocol import types

from tunesmith.server.lsp.abilities import Abilities, able_to
from tunesmith.server.lsp.handlers import commands, lifecycle, refresh
from tunesmith.server.lsp.handlers.own_methods import own_handlers
from tunesmith.server.lsp.refresh import Refresh
from tunesmith.server.lsp.server import TunesmithServer
from tunesmith.server.lsp.shared_state import SharedState


class Route(NamedTuple):
    """A method and what answers it. Where the client decides (ability, options), it is registered at `initialize`."""

    method: str
    handler: Callable[..., Any]
    needs: Callable[[Abilities], bool] | None = None
    """What the client must be able to do; None: anything."""
    options: Callable[[Abilities], Any] | None = None
    """What the server's capabilities say of it, made anew for each client. None: that it is there."""


def named(name: str) -> Callable[..., Any]:
    """`module.function` of `handlers`, or `module`. Raises `ImportError` or `AttributeError` where there is none."""
    module, _, function = name.partition(".")
    found: Callable[..., Any] = getattr(import_module(f"tunesmith.server.lsp.handlers.{module}"), function or module)
    return found


ROUTES = (
    Route(types.INITIALIZED, named("lifecycle.initialized")),
    Route(types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS, named("lifecycle.did_change_workspace_folders")),
    Route(types.TEXT_DOCUMENT_DID_OPEN, named("documents.did_open")),
    Route(types.TEXT_DOCUMENT_DID_CHANGE, named("documents.did_change")),
    Route(types.TEXT_DOCUMENT_DID_CLOSE, named("documents.did_close")),
    Route(types.TEXT_DOCUMENT_DID_SAVE, named("documents.did_save")),
    Route(types.WORKSPACE_DID_CHANGE_WATCHED_FILES, named("documents.did_change_watched_files")),
    Route(types.TEXT_DOCUMENT_CODE_LENS, named("code_lens")),
    Route(
        types.TEXT_DOCUMENT_DIAGNOSTIC,
        named("diagnostic"),
        able_to("text_document.diagnostic"),
        named("diagnostic.options"),
    ),
    Route(types.TEXT_DOCUMENT_INLAY_HINT, named("inlay_hint"), able_to("text_document.inlay_hint")),
    Route(
        types.TEXT_DOCUMENT_INLINE_COMPLETION,
        named("inline_completion"),
        able_to("text_document.inline_completion"),
        named("inline_completion.options"),
    ),
    Route(types.TEXT_DOCUMENT_CODE_ACTION, named("code_action"), options=named("code_action.options")),
    Route(types.CODE_ACTION_RESOLVE, named("code_action.resolve"), lambda client: client.takes_whole_edits),
)


def build_server(daemon: SharedState, environment: Mapping[str, str]) -> TunesmithServer:
    """The server of one connection, ready for its first message. `environment` is the client's."""
    server = TunesmithServer(daemon, environment)
    server.refresh = Refresh(
        functools.partial(refresh.show_documents, server), functools.partial(refresh.show_everything, server)
    )
    for route in ROUTES:
        if route.needs is None and route.options is None:
            server.feature(route.method)(route.handler)
    for method, handler in own_handlers().items():
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
    for method, handler, needs, options in ROUTES:
        if (needs or options) and (needs is None or needs(server.abilities)):
            server.feature(method, options and options(server.abilities))(handler)
