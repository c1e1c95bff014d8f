"""The socket's folder: whose it is, who may enter, how long its name may get."""

import os
import tomllib
from pathlib import Path

import pytest

from tunesmith.protocol.wire import PROTOCOL_VERSION
from tunesmith.server.client import paths, version
from tunesmith.server.client.errors import SocketPathTooLong, UnsafeFolder

REPOSITORY = Path(__file__).parents[3]


def test_restated_versions_agree() -> None:
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["version"] == version.VERSION
    assert version.PROTOCOL == PROTOCOL_VERSION


@pytest.fixture
def _no_folders(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("TUNESMITH_RUNTIME", "TUNESMITH_STATE", "XDG_RUNTIME_DIR"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.usefixtures("_no_folders")
@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({"TUNESMITH_RUNTIME": "mine", "XDG_RUNTIME_DIR": "session"}, "mine"),
        ({"XDG_RUNTIME_DIR": "session"}, "session/tunesmith"),
        ({"XDG_RUNTIME_DIR": "gone"}, f"temp/tunesmith-{os.getuid()}"),
        ({}, f"temp/tunesmith-{os.getuid()}"),
    ],
)
def test_runtime_dir(variables: dict[str, str], expected: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "session").mkdir(mode=0o700)
    (tmp_path / "temp").mkdir()
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(tmp_path / "temp"))
    for name, value in variables.items():
        monkeypatch.setenv(name, str(tmp_path / value))
    folder = paths.runtime_dir()
    assert folder == tmp_path / expected
    assert folder.stat().st_mode & 0o777 == 0o700


def test_an_open_folder_is_closed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "open").mkdir(mode=0o755)
    monkeypatch.setenv("TUNESMITH_RUNTIME", str(tmp_path / "open"))
    assert paths.runtime_dir().stat().st_mode & 0o777 == 0o700


def test_a_link_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    monkeypatch.setenv("TUNESMITH_RUNTIME", str(tmp_path / "link"))
    with pytest.raises(UnsafeFolder, match="TUNESMITH_RUNTIME"):
        paths.runtime_dir()


def test_a_folder_of_someone_else_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TUNESMITH_RUNTIME", str(tmp_path))
    owner = os.getuid()
    monkeypatch.setattr("os.getuid", lambda: owner + 1)
    with pytest.raises(UnsafeFolder, match=f"belongs to user {owner}"):
        paths.runtime_dir()


def test_a_long_folder_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TUNESMITH_RUNTIME", str(tmp_path / ("x" * 100)))
    with pytest.raises(SocketPathTooLong, match="103 bytes"):
        paths.socket_path()


def test_the_socket_names_user_version_and_protocol(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TUNESMITH_RUNTIME", str(tmp_path))
    assert paths.socket_path().name == f"{os.getuid()}-{version.VERSION}-{version.PROTOCOL}.sock"


def test_state_dir_may_be_chosen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TUNESMITH_STATE", str(tmp_path / "state"))
    assert paths.log_file() == tmp_path / "state" / "daemon.log"
