"""From a name to where the model is. Opens nothing but folders, needs no torch."""

import re
from pathlib import Path

from tunesmith.optim.finetune.errors import FinetuneError, ModelUnknown
from tunesmith.protocol.models import LOCAL_PREFIX, MODELS, fetched_path
from tunesmith.protocol.student import MANIFEST, ModelSource

HUB_ID = re.compile(r"\w[\w.-]*/\w[\w.-]*", re.ASCII)
PLAIN_HUB_IDS = frozenset(
    ("t5-small", "t5-base", "t5-large", "t5-3b", "t5-11b", "gpt2", "gpt2-medium", "gpt2-large", "gpt2-xl", "distilgpt2")
)
"""Ids of the hub from before it had owners."""


def identify(name: str) -> ModelSource:
    """`local/NAME`, a .gguf file, a folder with config.json, or a Hugging Face id, in this order.

    Raises `ModelUnknown`, `FinetuneError` (a file or folder that is something else), and `ModelMissing` of
    `protocol.errors` where a local model was not fetched yet.
    """
    if name.startswith(LOCAL_PREFIX):
        model = MODELS.get(name.removeprefix(LOCAL_PREFIX))
        if model is None:
            raise _unknown(name)
        return ModelSource(name=name, kind="gguf", path=str(fetched_path(model).resolve()))
    path = Path(name).expanduser()
    if path.is_file():
        _check_file(name, path)
        return ModelSource(name=name, kind="gguf", path=str(path.resolve()))
    if path.is_dir():
        _check_folder(name, path)
        return ModelSource(name=name, kind="folder", path=str(path.resolve()))
    if name in PLAIN_HUB_IDS or HUB_ID.fullmatch(name):
        return ModelSource(name=name, kind="hub")
    raise _unknown(name)


def _unknown(name: str) -> ModelUnknown:
    return ModelUnknown(name, [f"{LOCAL_PREFIX}{known}" for known in sorted(MODELS)])


def _check_file(name: str, path: Path) -> None:
    with path.open("rb") as file:
        magic = file.read(4)
    if magic != b"GGUF":
        raise FinetuneError(f"{name} is a file, and no GGUF.", "Give the model's folder or a .gguf file.")


def _check_folder(name: str, path: Path) -> None:
    if (path / MANIFEST).is_file():
        raise FinetuneError(
            f"{name} is a finetuned student, not a model to start from.",
            f"Give the model it was made of: `source` in {path / MANIFEST}.",
        )
    if (path / "adapter_config.json").is_file():
        raise FinetuneError(
            f"{name} holds an adapter, not a model.", "Merge it into its base model first, or give the base model."
        )
    if not (path / "config.json").is_file():
        raise FinetuneError(
            f"{name} is a folder without config.json, so no Hugging Face model.",
            "Give the folder that holds config.json, or a .gguf file.",
        )
