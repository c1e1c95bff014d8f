"""A copy of the bundled example to work in."""

import random
import shutil
from importlib.resources import as_file, files
from pathlib import Path

from tunesmith.protocol.folder_layout import WORKSPACE_FOLDER

BUNDLED = files("tunesmith.server.demo") / "workspace"
TRAIN, HELD_OUT = "data/train.jsonl", "data/held_out.jsonl"


class FolderInUse(Exception):
    """The folder the copy was to go to holds something already."""

    def __init__(self, folder: Path) -> None:
        super().__init__(f"{folder} is not empty. Name a folder that does not exist yet.")


def copy_workspace(folder: Path, seed: int) -> None:
    """The example in `folder`. Seed 0 keeps the bundled split of the messages, any other draws a new one.

    Raises `FolderInUse` and `OSError`.
    """
    if folder.exists() and any(folder.iterdir()):
        raise FolderInUse(folder)
    with as_file(BUNDLED) as bundled:
        unwanted = shutil.ignore_patterns("__pycache__", WORKSPACE_FOLDER)
        shutil.copytree(bundled, folder, dirs_exist_ok=True, ignore=unwanted)
    if seed:
        redraw_split(folder, seed)


def redraw_split(folder: Path, seed: int) -> None:
    """Shuffle all messages, then deal them out to the same two files, each as long as before."""
    parts = [(folder / TRAIN), (folder / HELD_OUT)]
    texts = [part.read_text(encoding="utf-8").splitlines(keepends=True) for part in parts]
    lines = [line for text in texts for line in text]
    random.Random(seed).shuffle(lines)
    for part, text in zip(parts, texts, strict=True):
        part.write_text("".join(lines[: len(text)]), encoding="utf-8")
        del lines[: len(text)]
