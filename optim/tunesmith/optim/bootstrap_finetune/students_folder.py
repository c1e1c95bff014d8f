"""Where students are kept."""

from pathlib import Path

from tunesmith.protocol.folder_layout import STUDENTS_FOLDER
from tunesmith.protocol.models import models_dir


def students_folder(given: str | Path | None, run_folder: Path | None, made_of: str) -> Path:
    """The folder given; else one in the run's folder; else one of the user's data folder for this very training, so
    that a script started again finds what it trained. `made_of`: a fingerprint of program, data and model."""
    if given is not None:
        return Path(given).expanduser().absolute()
    if run_folder is not None:
        return run_folder / STUDENTS_FOLDER
    return models_dir().parent / STUDENTS_FOLDER / made_of[:16]
