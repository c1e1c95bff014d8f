"""A workspace in a temporary folder, indexed; caches stay inside it."""

from collections.abc import Callable
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
