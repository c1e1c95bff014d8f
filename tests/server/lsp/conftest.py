"""Folders of their own for the socket and the state."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from support.workspaces.bank_workspace import Bank
from tunesmith.server.daemon.daemon import Daemon


@pytest.fixture
def bank(tmp_path: Path) -> Bank:
    return Bank(tmp_path / "work")


@pytest_asyncio.fixture
async def daemon(tmp_path: Path) -> AsyncIterator[Daemon]:
    """In this process, without a socket; in a task of its own, because fixtures begin and end in different ones."""
    daemon = Daemon(
        state_dir=tmp_path / "state", queue_dir=tmp_path / "queue", socket=None, log=tmp_path / "daemon.log"
    )
    started = asyncio.Event()

    async def live() -> None:
        async with daemon:
            started.set()
            await daemon.stopped.wait()

    life = asyncio.create_task(live())
    await started.wait()
    yield daemon
    daemon.stop()
    await life
