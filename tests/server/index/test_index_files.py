"""Which files are read, what open documents change, and what survives a restart."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tunesmith.server.index import Index, cache, sources
from tunesmith.server.index import index as index_module
from tunesmith.server.index.report import index_report
from tunesmith.server.index.syntax import read_facts
from tunesmith.server.index.workspace_files import imported_modules, list_files

SIG = "import dspy\nclass Sig(dspy.Signature):\n    a = dspy.InputField()\n    b = dspy.OutputField()\n"
LONG_AGO = 1_600_000_000


def signature_names(index: Index) -> list[str]:
    return [signature.name for signature in index_report(index.view, None).signatures]


def settle(root: Path) -> None:
    """Files that changed long ago: what changed a moment ago is not trusted to a cache."""
    for path in root.rglob("*.py"):
        os.utime(path, (LONG_AGO, LONG_AGO))


SKIPPED = [".git/a.py", ".venv/a.py", "node_modules/x/a.py", "lib/site-packages/a.py", ".tunesmith/a.py",
           "__pycache__/a.py", ".hidden/a.py", "a.txt", "a.pyc"]  # fmt: skip


@pytest.mark.parametrize("path", SKIPPED)
def test_skipped(path: str, make_index) -> None:
    assert make_index({path: SIG, "kept.py": SIG}).view.paths() == ["kept.py"]


def test_virtual_environments_of_any_name(make_index) -> None:
    assert make_index({"env/pyvenv.cfg": "", "env/lib/a.py": SIG, "kept.py": SIG}).view.paths() == ["kept.py"]


def test_links(make_index, tmp_path: Path) -> None:
    (tmp_path / "pkg").mkdir()
    (tmp_path / "pkg" / "loop").symlink_to(tmp_path, target_is_directory=True)
    (tmp_path / "broken.py").symlink_to(tmp_path / "nowhere.py")
    assert make_index({"pkg/a.py": SIG}).view.paths() == ["pkg/a.py"]


def test_a_folder_named_like_a_file(make_index) -> None:
    assert make_index({"odd.py/a.py": SIG}).view.paths() == ["odd.py/a.py"]


def test_unreadable_file(make_index, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "locked.py").write_text(SIG)
    opened = os.open

    def refuse(path: str, *options: int) -> int:
        if str(path).endswith("locked.py"):
            raise PermissionError(path)
        return opened(path, *options)

    monkeypatch.setattr(os, "open", refuse)
    index = make_index({"a.py": SIG})
    assert index.view.paths() == ["a.py"]
    assert index.view.text("locked.py") is None


def test_encodings(make_index, tmp_path: Path) -> None:
    (tmp_path / "latin.py").write_bytes(b"# -*- coding: latin-1 -*-\n# \xfc\n" + SIG.encode())
    (tmp_path / "wrong.py").write_bytes(b"# \xfc\n" + SIG.encode())
    (tmp_path / "junk.py").write_bytes(b"dspy" + bytes(range(256)) * 10)
    index = make_index({})
    assert signature_names(index) == ["Sig", "Sig"]
    assert "ü" in (index.view.text("latin.py") or "")


def test_missing_root(tmp_path: Path) -> None:
    index = Index(tmp_path / "nowhere")
    index.refresh()
    assert index.view.paths() == []
    assert index.view.facts("a.py") is None
    assert index.view.resolve_program("a.py", "x") is None


def test_refresh_sees_changes_and_only_those(make_index, tmp_path: Path, reading: list[str]) -> None:
    index = make_index({"a.py": SIG, "b.py": SIG, "plain.py": "x = 1"})
    assert sorted(reading) == ["a.py", "b.py"]
    generation = index.view.generation
    index.refresh()
    assert index.view.generation == generation
    (tmp_path / "a.py").write_text(SIG.replace("class Sig", "class Changed"))
    (tmp_path / "b.py").unlink()
    (tmp_path / "c.py").write_text(SIG.replace("class Sig", "class New"))
    reading.clear()
    index.refresh()
    assert sorted(reading) == ["a.py", "c.py"]
    assert index.view.generation > generation
    assert signature_names(index) == ["Changed", "New"]


def test_open_documents_hide_the_file(make_index, tmp_path: Path) -> None:
    index = make_index({"a.py": SIG})
    index.update("a.py", SIG.replace("class Sig", "class Typed"))
    assert signature_names(index) == ["Typed"]
    assert "Typed" in (index.view.text("a.py") or "")
    index.refresh()
    assert signature_names(index) == ["Typed"]
    assert "Typed" in (index.view.text("a.py") or "")
    index.restore("a.py")
    assert signature_names(index) == ["Sig"]
    index.update("new/unsaved.py", SIG.replace("class Sig", "class Unsaved"))
    assert index.view.paths() == ["a.py", "new/unsaved.py"]
    index.restore("new/unsaved.py")
    assert index.view.paths() == ["a.py"]


def test_a_document_changes_while_the_folder_is_read(make_index, monkeypatch: pytest.MonkeyPatch) -> None:
    index = make_index({"a.py": SIG})

    def typing_meanwhile(root: str) -> object:
        index.update("a.py", SIG.replace("class Sig", "class Typed"))
        (index.root / "b.py").write_text(SIG)
        return list_files(root)

    monkeypatch.setattr(index_module, "list_files", typing_meanwhile)
    index.refresh()
    assert signature_names(index) == ["Typed", "Sig"]


def test_the_same_text_again_changes_nothing(make_index) -> None:
    index = make_index({"a.py": SIG})
    index.update("a.py", SIG)
    generation = index.view.generation
    index.update("a.py", SIG)
    index.restore("other.py")
    assert index.view.generation == generation


def test_restore_reads_what_was_saved_meanwhile(make_index, tmp_path: Path) -> None:
    index = make_index({"a.py": SIG, "gone.py": SIG})
    for path in ("a.py", "gone.py"):
        index.update(path, "import dspy")
    (tmp_path / "a.py").write_text(SIG.replace("class Sig", "class Saved"))
    (tmp_path / "gone.py").unlink()
    index.restore("a.py")
    index.restore("gone.py")
    assert signature_names(index) == ["Saved"]
    assert index.view.paths() == ["a.py"]


def test_an_open_document_starts_importing_a_module(make_index) -> None:
    index = make_index({"parts.py": "import dspy\nclass P(dspy.Module): pass\n", "run.py": "x = 1\n"})
    assert index.view.paths() == ["parts.py"]
    index.update("run.py", "from parts import P\nprogram = P()\n")
    assert index.view.paths() == ["parts.py", "run.py"]
    assert index.view.resolve_program("run.py", "program") is not None


# The cache


@pytest.fixture
def reading(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Paths whose facts were read anew."""
    read: list[str] = []

    def noting(path: str, *arguments: Any) -> object:
        read.append(path)
        return read_facts(path, *arguments)

    for module in (index_module, sources):
        monkeypatch.setattr(module, "read_facts", noting)
    return read


Make = Callable[[dict[str, str]], Index]
FILES = {"a.py": SIG, "b.py": "from a import Sig\nclass Sub(Sig): pass\n", "plain.py": "import json\n"}


def test_a_warm_start_reads_nothing(make_index: Make, tmp_path: Path, reading: list[str]) -> None:
    make_index(FILES)
    settle(tmp_path)
    cold = make_index({})
    reading.clear()
    warm = Index(tmp_path)
    warm.refresh()
    assert reading == []
    assert index_report(warm.view, None) == index_report(cold.view, None)
    assert [signature.name for signature in index_report(warm.view, None).signatures] == ["Sig", "Sub"]


def test_a_file_changed_a_moment_ago_is_read_again(make_index: Make, tmp_path: Path, reading: list[str]) -> None:
    make_index(FILES)
    reading.clear()
    Index(tmp_path).refresh()
    assert "a.py" in reading


DAMAGE = {
    "empty": b"",
    "junk": b"\xff" * 100,
    "another shape": b"\x81\xa1a\x01",
    "truncated": None,
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_cache_is_rebuilt(damage: str, make_index: Make, tmp_path: Path) -> None:
    make_index(FILES)
    settle(tmp_path)
    make_index({})
    file = cache.cache_file(str(tmp_path))
    data = DAMAGE[damage]
    file.write_bytes(file.read_bytes()[:-20] if data is None else data)
    assert cache.load(str(tmp_path)) == {}
    index = Index(tmp_path)
    index.refresh()
    assert signature_names(index) == ["Sig", "Sub"]
    assert cache.load(str(tmp_path)) != {}


def test_open_documents_are_never_cached(make_index: Make, tmp_path: Path) -> None:
    make_index(FILES)
    settle(tmp_path)
    index = Index(tmp_path)
    index.update("a.py", SIG.replace("class Sig", "class Unsaved"))
    index.refresh()
    index.restore("a.py")
    (tmp_path / "c.py").write_text("import dspy\n")
    index.refresh()
    assert b"Unsaved" not in cache.cache_file(str(tmp_path)).read_bytes()
    fresh = Index(tmp_path)
    fresh.refresh()
    assert signature_names(fresh) == ["Sig", "Sub"]


def test_a_cache_that_cannot_be_written(make_index: Make, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    blocker = tmp_path / "blocker"
    blocker.write_text("")
    monkeypatch.setenv("TUNESMITH_CACHE", str(blocker))
    assert signature_names(make_index(FILES)) == ["Sig", "Sub"]


IMPORT_LINES = {
    b"import a": ["a"],
    b"import a.b as c, d": ["a.b", "d"],
    b"from a.b import c, d as e": ["a.b", "a.b.c", "a.b.d"],
    b"from . import a": [".", ".a"],
    b"from ..a import (b": ["..a", "..a.b"],
    b"    from a import *  # x": ["a", "a.*"],
    b"import os\nfrom json import loads": [],
    b"x = 'import y'": [],
    b"import ": [],
    b"from x import ": [],
}


@pytest.mark.parametrize("line", IMPORT_LINES)
def test_import_lines(line: bytes) -> None:
    assert imported_modules(b"x = 1\n" + line + b"\ny = 2\n") == IMPORT_LINES[line]
    assert imported_modules(line) == IMPORT_LINES[line]
