"""Folders of their own for the socket and the state."""

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from e2e.bank_workspace import Bank

from tunesmith.server.sessions.daemon import Daemon


@pytest.fixture
def own_runtime(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """The runtime folder. Not below `tmp_path`, whose length leaves no room for a socket's name."""
    folder = Path(tempfile.mkdtemp(prefix="ts-"))
    monkeypatch.setenv("TUNESMITH_RUNTIME", str(folder))
    monkeypatch.setenv("TUNESMITH_STATE", str(tmp_path / "state"))
    yield folder
    shutil.rmtree(folder)


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
