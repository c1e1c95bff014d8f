"""A session in this process: a real daemon object, a socket pair, and a client that speaks for an editor."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from tunesmith.server.client.daemon_client import DaemonClient
from tunesmith.server.daemon.connection import STREAM_LIMIT, serve_connection
from tunesmith.server.daemon.daemon import Daemon


@asynccontextmanager
async def connect(daemon: Daemon, environment: dict[str, str] | None = None) -> AsyncIterator[DaemonClient]:
    ours, theirs = socket.socketpair()
    reader, writer = await asyncio.open_connection(sock=theirs, limit=STREAM_LIMIT)
    session = asyncio.create_task(serve_connection(daemon, reader, writer, environment or {}))
    client = DaemonClient(*await asyncio.open_connection(sock=ours))
    try:
        yield client
    finally:
        await client.close()
        await session


async def initialize(client: DaemonClient, root: Path, capabilities: dict[str, Any], **options: Any) -> dict[str, Any]:
    """The server's capabilities."""
    params = {"processId": None, "rootUri": root.as_uri(), "capabilities": capabilities}
    answer = await client.send("initialize", {**params, "initializationOptions": options})
    client.notify("initialized", {})
    return dict(answer["capabilities"])


def open_document(client: DaemonClient, path: Path, text: str | None = None) -> dict[str, Any]:
    """The document's identifier."""
    text = path.read_text(encoding="utf-8") if text is None else text
    item = {"uri": path.as_uri(), "languageId": "python", "version": 1, "text": text}
    client.notify("textDocument/didOpen", {"textDocument": item})
    return {"uri": path.as_uri()}


def change_document(client: DaemonClient, path: Path, text: str, version: int) -> None:
    document = {"uri": path.as_uri(), "version": version}
    client.notify("textDocument/didChange", {"textDocument": document, "contentChanges": [{"text": text}]})


EVERYWHERE = {"start": {"line": 0, "character": 0}, "end": {"line": 10_000, "character": 0}}


async def actions(client: DaemonClient, document: dict[str, Any], **context: Any) -> list[dict[str, Any]]:
    params = {"textDocument": document, "range": EVERYWHERE, "context": {"diagnostics": [], **context}}
    return await client.send("textDocument/codeAction", params) or []
