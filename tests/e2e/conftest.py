"""A user's machine for one test: folders of their own, a workspace, editors, and no daemon left behind."""

import os
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from support.clients.editor import Editor
from support.workspaces.bank_workspace import Bank
from tunesmith.server.client import control

OpenEditor = Callable[..., Awaitable[Editor]]


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[dict[str, str]]:
    """The environment of everything the test starts. Its daemon is stopped at the end."""
    runtime = tempfile.mkdtemp(prefix="ts-")  # a socket's path must be short
    monkeypatch.setenv("TUNESMITH_RUNTIME", runtime)
    monkeypatch.setenv("TUNESMITH_STATE", str(tmp_path / "state"))
    monkeypatch.setenv("DSPY_CACHEDIR", str(tmp_path / "dspy-cache"))
    yield dict(os.environ)
    control.stop_daemon()
    shutil.rmtree(runtime)


@pytest.fixture
def bank(tmp_path: Path) -> Bank:
    return Bank(tmp_path / "work")


@pytest_asyncio.fixture
async def open_editor(machine: dict[str, str], bank: Bank) -> AsyncIterator[OpenEditor]:
    """`await open_editor("neovim", standalone=True)`: a window on the workspace, its session begun."""
    editors: list[Editor] = []

    async def open_one(client: str, *, standalone: bool = False, trusted: bool = True) -> Editor:
        editor = Editor()
        options = ["--standalone"] if standalone else []
        await editor.start_io(sys.executable, "-m", "tunesmith.server.serve_editor", *options, env=machine)
        editors.append(editor)
        await editor.begin(client, bank.root, trusted=trusted)
        return editor

    yield open_one
    for editor in editors:
        await editor.leave()
