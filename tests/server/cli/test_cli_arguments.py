"""Which folder a command is about."""

from pathlib import Path

import pytest

from tunesmith.server.cli.arguments import existing_path, find_root, under_root
from tunesmith.server.cli.errors import UsageError


@pytest.mark.parametrize(
    ("marker", "start", "expected"),
    [
        ("a/pyproject.toml", "a/b/c", "a"),
        ("a/.tunesmith/", "a/b", "a"),
        ("a/.git/", "a/b/c", "a"),
        ("a/b/pyproject.toml", "a/b", "a/b"),
        ("elsewhere/pyproject.toml", "a/b", "a/b"),
        ("a/pyproject.toml", "a/b/file.py", "a"),
    ],
)
def test_find_root(tmp_path: Path, marker: str, start: str, expected: str) -> None:
    for path in (marker, start):
        made = tmp_path / path
        if made.suffix:
            made.parent.mkdir(parents=True, exist_ok=True)
            made.touch()
        else:
            made.mkdir(parents=True, exist_ok=True)
    assert find_root(None, tmp_path / start) == tmp_path / expected


def test_nearest_marker_wins_and_a_repository_ends_the_search(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").touch()
    (tmp_path / "repo" / ".git").mkdir(parents=True)
    (tmp_path / "repo" / "package").mkdir()
    assert find_root(None, tmp_path / "repo" / "package") == tmp_path / "repo"


def test_home_is_not_guessed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / ".git").mkdir()
    (tmp_path / "work").mkdir()
    assert find_root(None, tmp_path / "work") == tmp_path / "work"
    assert find_root(None, tmp_path) == tmp_path


def test_given_root(tmp_path: Path) -> None:
    assert find_root(str(tmp_path)) == tmp_path
    with pytest.raises(UsageError, match="no such folder"):
        find_root(str(tmp_path / "gone"))


def test_paths(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    assert existing_path(None) is None
    with pytest.raises(UsageError, match="no such file or folder"):
        existing_path(str(tmp_path / "gone"))
    assert under_root(tmp_path / "a", tmp_path) == "a"
    assert under_root(tmp_path, tmp_path) is None
    with pytest.raises(UsageError, match="outside the workspace"):
        under_root(tmp_path, tmp_path / "a")
