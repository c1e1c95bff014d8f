"""Models in memory: each source once a process, however many students stand on it. Imports torch."""

import copy
import os
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import Tensor

from tunesmith.optim.finetune.base_models import load_model, load_tokenizer
from tunesmith.optim.finetune.strategies import attach_weights
from tunesmith.protocol.student import MODEL, TOKENIZER, ModelSource, Student


class TorchModel(NamedTuple):
    """A student's computation."""

    model: Any
    """A transformers model, LoRA layers in it where the student has them."""
    tokenizer: Any
    soft: Sequence[Tensor]
    """Soft prompts [1, n, d] by task; none for other methods."""


_lock = threading.Lock()
_bases: dict[ModelSource, Any] = {}


def open_student(folder: Path, student: Student, source: ModelSource) -> TorchModel:
    """`source` is where the student's lies now. Raises `FinetuneError` where it or the weights cannot be loaded."""
    tokenizer = load_tokenizer(ModelSource(name=str(folder), kind="folder", path=str(folder / TOKENIZER)))
    if student.weights == "model":
        path = str(folder / MODEL)
        # Not kept as a base: a model that was trained as a whole is one student's own.
        return TorchModel(_load(ModelSource(name=path, kind="folder", path=path)), tokenizer, ())
    attached = attach_weights(_with_tensors_of(base_model(source)), folder)
    if student.method != "prompt":
        return TorchModel(attached.get_base_model(), tokenizer, ())
    several = len(student.tasks) > 1
    virtual = attached.active_peft_config.num_virtual_tokens
    with torch.inference_mode():
        soft = [
            attached.get_prompt(1, task_ids=torch.tensor([task], device=attached.device) if several else None)
            for task in range(len(student.tasks))
        ]
    return TorchModel(attached.get_base_model(), tokenizer, [prompt[:, :virtual] for prompt in soft])


def base_model(source: ModelSource) -> Any:
    """The model as it came. Shared: it must not be changed."""
    with _lock:
        if source not in _bases:
            _bases[source] = _load(source)
        return _bases[source]


def _load(source: ModelSource) -> Any:
    if not torch.cuda.is_available():
        return load_model(source)
    return load_model(source, dtype="bfloat16" if torch.cuda.is_bf16_supported() else "float32", device="cuda")


def _with_tensors_of(model: Any) -> Any:
    """A copy whose layers can be replaced, on the very same tensors."""
    tensors = [*model.parameters(), *model.buffers()]
    return copy.deepcopy(model, {id(tensor): tensor for tensor in tensors})


def _forget_after_fork() -> None:
    global _lock
    _lock = threading.Lock()
    _bases.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_after_fork)
