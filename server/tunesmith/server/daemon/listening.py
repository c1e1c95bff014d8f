"""The daemon's process: one socket, one daemon, any number of connections.

The lock beside the socket is held for the daemon's life and dies with it, so a socket file found while holding the
lock is stale, and of two daemons started at once one leaves.
"""

import asyncio
import contextlib
import logging
import os
import signal
import socket
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import msgspec

from tunesmith.protocol.session_messages import ClientGreeting, DaemonGreeting
from tunesmith.protocol.wire import decode, encode
from tunesmith.server.client import (
    GREETING_SECONDS,
    PROTOCOL,
    START_SECONDS,
    VERSION,
    check_own,
    log_file,
    queue_dir,
    socket_path,
    state_dir,
)
from tunesmith.server.daemon.connection import STREAM_LIMIT, serve_connection
from tunesmith.server.daemon.daemon import Daemon
from tunesmith.server.daemon.logs import log_to_file
from tunesmith.server.file_lock import FileLock

IDLE_MINUTES = 10.0

Accept = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]

log = logging.getLogger(__name__)


def run_daemon(*, idle_minutes: float = IDLE_MINUTES) -> int:
    """Serve clients until a signal, `tunesmith/stop`, or `idle_minutes` without a session or a run.

    Returns 0, also where another daemon already serves. Raises `UnsafeFolder`, `SocketPathTooLong`,
    `StateOwned`, `StateUnwritable`.
    """
    path = socket_path()
    log_to_file(log_file().name)
    lock = _take_lock(path)
    if lock is None:
        return 0
    try:
        asyncio.run(_serve(path, idle_minutes))
    finally:
        lock.release()
    return 0


def _take_lock(path: Path) -> FileLock | None:
    """Wait for the lock while its holder is leaving; None once the holder turns out to serve."""
    deadline = time.monotonic() + START_SECONDS
    while (lock := FileLock.take(path.with_suffix(".lock"))) is None:
        if _listens(path) or time.monotonic() > deadline:
            return None
        time.sleep(0.02)
    return lock


def _listens(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(1)
        return probe.connect_ex(os.fspath(path)) == 0


async def _serve(path: Path, idle_minutes: float) -> None:
    daemon = Daemon(state_dir=state_dir(), queue_dir=queue_dir(), socket=path, log=log_file())
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, daemon.stop)
    connections: dict[asyncio.StreamWriter, asyncio.Event] = {}

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        ended = connections[writer] = asyncio.Event()
        try:
            await _greet_and_serve(daemon, reader, writer)
        finally:
            del connections[writer]
            ended.set()

    async with daemon:
        listener = await _listen(path, accept)
        log.info("listening, version %s, protocol %d", VERSION, PROTOCOL)
        idle = asyncio.create_task(_stop_when_idle(daemon, idle_minutes))
        await daemon.stopped.wait()
        log.info("stopping")
        _remove(path)  # first, so that no client joins a daemon that is leaving
        listener.close()
        idle.cancel()
    for writer, ended in list(connections.items()):
        writer.close()
        await ended.wait()


async def _listen(path: Path, accept: Accept) -> asyncio.Server:
    """Bind the socket for this user alone, over a stale one."""
    _remove(path)
    mask = os.umask(0o177)
    try:
        return await asyncio.start_unix_server(accept, path, limit=STREAM_LIMIT)
    finally:
        os.umask(mask)


def _remove(path: Path) -> None:
    with contextlib.suppress(FileNotFoundError):
        check_own(path)
        path.unlink()


async def _greet_and_serve(daemon: Daemon, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Exchange greetings, then serve. A client of another protocol reads ours in the greeting and says so."""
    try:
        greeting = decode(await asyncio.wait_for(reader.readline(), GREETING_SECONDS), ClientGreeting)
    except (msgspec.DecodeError, TimeoutError, ValueError, ConnectionError):
        log.warning("a connection without a greeting was closed")
        writer.close()
        return
    writer.write(encode(DaemonGreeting(protocol=PROTOCOL, version=VERSION, pid=os.getpid())) + b"\n")
    if greeting.protocol != PROTOCOL:
        log.warning("a client of version %s speaks protocol %d", greeting.version, greeting.protocol)
        writer.close()
        return
    await serve_connection(daemon, reader, writer, greeting.environment)


async def _stop_when_idle(daemon: Daemon, minutes: float) -> None:
    """Looks a few times within the allowed span rather than at every change: nothing depends on the exact moment."""
    loop = asyncio.get_running_loop()
    limit = minutes * 60
    busy_at = loop.time()
    while loop.time() - busy_at < limit:
        await asyncio.sleep(min(limit / 4, 30))
        if daemon.is_busy():
            busy_at = loop.time()
    log.info("no session and no run for %g minutes", minutes)
    daemon.stop()
