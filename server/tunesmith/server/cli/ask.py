"""One question to the daemon, which is started where none runs."""

import asyncio
from pathlib import Path
from typing import Any

from tunesmith.protocol import RunSummary, Wire
from tunesmith.protocol.session_messages import RootParams
from tunesmith.server.cli.arguments import choose_run
from tunesmith.server.client import DaemonClient


def ask(method: str, params: Wire) -> Any:
    """The result struct of a method of `METHODS`. Raises `DaemonRefused`, `SessionError`."""

    async def call() -> Any:
        async with DaemonClient.connect() as client:
            return await client.request(method, params)

    return asyncio.run(call())


def ask_for_run(root: Path, wanted: str) -> RunSummary:
    """The run a user means. Raises `UsageError` too."""
    return choose_run(ask("tunesmith/listRuns", RootParams(root=str(root))).runs, wanted)
