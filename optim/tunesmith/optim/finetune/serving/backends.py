"""The process's loaded students: opened with the first call, shared by all copies of an LM, kept until it ends."""

import os
import threading
from pathlib import Path
from typing import Literal

from msgspec import Struct

from tunesmith.optim.finetune.errors import ExtraMissing
from tunesmith.optim.finetune.export import GGUF_FILE, export_folder
from tunesmith.optim.finetune.serving.asks import Backend
from tunesmith.protocol.student import Architecture, ModelSource, read_student

Engine = Literal["torch", "ctranslate2", "llama"]
"""What computes."""


class Served(Struct, frozen=True, kw_only=True):
    """What is served: a student's folder, or an untuned model."""

    folder: str | None
    """Absolute; None for a model that is served as it came."""
    fingerprint: str
    """A folder whose weights changed is another student."""
    source: ModelSource
    architecture: Architecture
    engine: Engine = "torch"


_lock = threading.Lock()
_opened: dict[Served, Backend] = {}
_opening: dict[Served, threading.Lock] = {}
_abandoned: list[Backend] = []
"""Models of a parent process, never freed here: their destructors wait for threads that do not exist."""


def backend_of(served: Served) -> Backend:
    """Loads it if this process has not yet. Raises `FinetuneError`."""
    with _lock:
        if served in _opened:
            return _opened[served]
        opening = _opening.setdefault(served, threading.Lock())
    # One thread loads, those that want the same wait for it, others go on.
    with opening:
        if served not in _opened:
            _opened[served] = _open(served)
        return _opened[served]


def _open(served: Served) -> Backend:
    folder = None if served.folder is None else Path(served.folder)
    try:
        if served.engine == "ctranslate2":
            from tunesmith.optim.finetune.serving.ctranslate2_backend import open_ctranslate2

            assert folder is not None
            return open_ctranslate2(folder, export_folder(folder, "ctranslate2"), served.architecture)
        if served.engine == "llama":
            from tunesmith.optim.finetune.serving.llama_backend import open_llama

            assert folder is not None
            return open_llama(folder, export_folder(folder, "gguf") / GGUF_FILE)
        from tunesmith.optim.finetune.base_models import load_tokenizer
        from tunesmith.optim.finetune.serving.torch_backend import TorchBackend
        from tunesmith.optim.finetune.serving.torch_models import TorchModel, base_model, open_student
    except ModuleNotFoundError as error:
        raise ExtraMissing(error.name or "torch") from error
    if folder is None:
        loaded = TorchModel(base_model(served.source), load_tokenizer(served.source), ())
    else:
        loaded = open_student(folder, read_student(folder), served.source)
    return TorchBackend(loaded, served.architecture)


def _forget_after_fork() -> None:
    # A model's threads stayed in the parent; the child loads its own with its first call.
    global _lock
    _lock = threading.Lock()
    _abandoned.extend(_opened.values())
    _opened.clear()
    _opening.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_after_fork)
