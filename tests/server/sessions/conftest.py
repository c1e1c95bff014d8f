"""Folders of their own for the socket and the state."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def own_runtime(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """The runtime folder. Not below `tmp_path`, whose length leaves no room for a socket's name."""
    folder = Path(tempfile.mkdtemp(prefix="ts-"))
    monkeypatch.setenv("TUNESMITH_RUNTIME", str(folder))
    monkeypatch.setenv("TUNESMITH_STATE", str(tmp_path / "state"))
    yield folder
    shutil.rmtree(folder)
