"""A workspace in a temporary folder, indexed; caches, socket and state in folders of their own."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tunesmith.server.index import Index


@pytest.fixture(autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path_factory.mktemp("cache")
    monkeypatch.setenv("TUNESMITH_CACHE", str(folder))
    return folder


@pytest.fixture
def make_index(tmp_path: Path) -> Callable[[dict[str, str]], Index]:
    """Writes files (relative path → text) and indexes them."""

    def make(files: dict[str, str]) -> Index:
        for path, text in files.items():
            target = tmp_path / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8")
        index = Index(tmp_path)
        index.refresh()
        return index

    return make


@pytest.fixture
def own_runtime(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """The runtime folder. Not below `tmp_path`, whose length leaves no room for a socket's name."""
    folder = Path(tempfile.mkdtemp(prefix="ts-"))
    monkeypatch.setenv("TUNESMITH_RUNTIME", str(folder))
    monkeypatch.setenv("TUNESMITH_STATE", str(tmp_path / "state"))
    yield folder
    shutil.rmtree(folder)
