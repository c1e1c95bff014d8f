"""`workspace/…/refresh`: a client is asked to look again; one that does not pull diagnostics has them pushed."""

import asyncio
import contextlib
from collections.abc import Awaitable, Iterable
from pathlib import Path

from pygls.exceptions import JsonRpcException

from tunesmith.server.lsp.handlers.diagnostic import publish
from tunesmith.server.lsp.server import TunesmithServer


def show_documents(ls: TunesmithServer, paths: Iterable[Path]) -> None:
    """Push the diagnostics of documents that changed."""
    for path in paths:
        ls.spawn(publish(ls, path))


def show_everything(ls: TunesmithServer) -> None:
    """Have lenses, hints and diagnostics of all open documents shown anew, as far as the client can."""
    if ls.abilities.code_lens_refresh:
        ls.spawn(_ask(ls.workspace_code_lens_refresh_async(None)))
    if ls.abilities.inlay_hint_refresh:
        ls.spawn(_ask(ls.workspace_inlay_hint_refresh_async(None)))
    if not ls.abilities.pull_diagnostics:
        show_documents(ls, [document.path for document in ls.documents])
    elif ls.abilities.diagnostic_refresh:
        ls.spawn(_ask(ls.workspace_diagnostic_refresh_async(None)))


async def _ask(request: Awaitable[None]) -> None:
    """Shielded: pygls fails on the answer to a request whose waiter was cancelled."""
    with contextlib.suppress(JsonRpcException):
        await asyncio.shield(request)
