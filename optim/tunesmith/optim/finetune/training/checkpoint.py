"""Checkpoints: folders of safetensors and JSON that are there whole or not at all.

    FOLDER/step-00000120/weights.safetensors     what is trained
                         optimizer.safetensors   its states' tensors, named PARAMETER.STATE
                         state.json              `Saved`: the position, the best step, the states' plain values

Random states are not among them: a step's randomness follows from its number (`loop.seed_step`).
"""

import os
import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from tunesmith.optim.finetune.errors import CheckpointNotWritten

WEIGHTS, OPTIMIZER, STATE = "weights.safetensors", "optimizer.safetensors", "state.json"
KEPT = 2
"""Newest checkpoints; the best step's is kept beside them."""


class Best(Struct, frozen=True, kw_only=True):
    """The step whose weights the student gets."""

    step: int
    loss: float
    exact: float


class Progress(Struct, frozen=True, kw_only=True):
    """Where a training is. All of it survives a kill."""

    step: int = 0
    """Optimizer steps made."""
    best: Best | None = None
    without_better: int = 0
    """Scorings since the best one."""
    seconds: float = 0.0
    """Of training, scorings and checkpoints included."""
    step_seconds: float = 0.0
    """Of optimizer steps alone."""
    examples: int = 0
    tokens: int = 0


class Saved(Struct, frozen=True, kw_only=True):
    """`state.json`."""

    training: str
    """Fingerprint of what is trained on what, and how: another training's checkpoint is of no use."""
    progress: Progress
    optimizer: dict[str, Any]
    """`state_dict()` with its tensors taken out."""


def save_checkpoint(
    folder: Path, training: str, progress: Progress, weights: Mapping[str, Tensor], optimizer: Mapping[str, Any]
) -> None:
    """Writes one and removes those no longer needed. Raises CheckpointNotWritten; earlier ones are then intact."""
    final = _path(folder, progress.step)
    scratch = folder / f".{final.name}"
    tensors: dict[str, Tensor] = {}
    saved = Saved(training=training, progress=progress, optimizer=_without_tensors(optimizer, tensors))
    try:
        shutil.rmtree(scratch, ignore_errors=True)
        scratch.mkdir(parents=True)
        save_file({name: weight.detach().contiguous() for name, weight in weights.items()}, scratch / WEIGHTS)
        save_file(tensors, scratch / OPTIMIZER)
        (scratch / STATE).write_bytes(msgspec.json.encode(saved))
        for written in (*scratch.iterdir(), scratch):
            _flush(written)
        if final.exists():  # the same step again, after a resume
            shutil.rmtree(final)
        scratch.rename(final)
        _flush(folder)
    except (OSError, SafetensorError) as error:
        shutil.rmtree(scratch, ignore_errors=True)
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise CheckpointNotWritten(folder, reason) from error
    _remove_old(folder)


def latest_checkpoint(folder: Path, training: str) -> Saved | None:
    """The newest one of this training; None where there is none. Another training's are removed, and half-written
    ones."""
    for scratch in folder.glob(".step-*"):
        shutil.rmtree(scratch, ignore_errors=True)
    for path in reversed(_checkpoints(folder)):
        saved = _read(path)
        if saved is not None and saved.training == training:
            return saved
        shutil.rmtree(path, ignore_errors=True)
    return None


def load_weights(folder: Path, step: int) -> dict[str, Tensor]:
    """What was trained, by name, as of a checkpoint that `folder` has. Raises `OSError`, `SafetensorError`."""
    weights: dict[str, Tensor] = load_file(_path(folder, step) / WEIGHTS)
    return weights


def load_optimizer(folder: Path, saved: Saved) -> dict[str, Any]:
    """A `state_dict()` as it was saved."""
    tensors = load_file(_path(folder, saved.progress.step) / OPTIMIZER)
    state = {_key(number): dict(values) for number, values in saved.optimizer["state"].items()}
    for name, tensor in tensors.items():
        number, _, key = name.rpartition(".")
        state[_key(number)][key] = tensor
    return {"state": state, "param_groups": saved.optimizer["param_groups"]}


def _without_tensors(optimizer: Mapping[str, Any], tensors: dict[str, Tensor]) -> dict[str, Any]:
    state: dict[str, dict[str, Any]] = {}
    for number, values in optimizer["state"].items():
        state[str(number)] = {}
        for key, value in values.items():
            if isinstance(value, Tensor):
                tensors[f"{number}.{key}"] = value.detach().contiguous()
            else:
                state[str(number)][key] = value
    return {"state": state, "param_groups": optimizer["param_groups"]}


def _key(text: str) -> int | str:
    """Of a parameter: its number, or with FSDP its name. JSON knows text only."""
    return int(text) if text.isdecimal() else text


def _path(folder: Path, step: int) -> Path:
    return folder / f"step-{step:08d}"


def _checkpoints(folder: Path) -> list[Path]:
    """Oldest first."""
    paths = folder.iterdir() if folder.is_dir() else ()
    return sorted(path for path in paths if re.fullmatch(r"step-\d{8,}", path.name))


def _read(path: Path) -> Saved | None:
    try:
        return msgspec.json.decode((path / STATE).read_bytes(), type=Saved)
    except (OSError, msgspec.DecodeError):
        return None


def _remove_old(folder: Path) -> None:
    paths = _checkpoints(folder)
    kept = set(paths[-KEPT:])
    # The best of each kept one: where the newest cannot be read, the one before it still has its own.
    states = [_read(path) for path in kept]
    kept |= {_path(folder, state.progress.best.step) for state in states if state and state.progress.best}
    for path in paths:
        if path not in kept:
            shutil.rmtree(path, ignore_errors=True)


def _flush(path: Path) -> None:
    """To the disk. Windows opens no folders; its renames are not cached that way."""
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except PermissionError:
        return
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
