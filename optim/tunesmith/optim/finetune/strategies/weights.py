"""A student's weights on disk: a complete Hugging Face folder, or an adapter as peft and vLLM read it.

Safetensors only: nothing is unpickled.
"""

import hashlib
import json
from pathlib import Path
from typing import Any

from tunesmith.optim.finetune.base_models import load_model, quiet_transformers, reason_of
from tunesmith.optim.finetune.errors import FinetuneError, StudentMissing
from tunesmith.optim.finetune.settings import TrainSettings
from tunesmith.protocol.student import ADAPTER, MODEL, ModelSource, WeightsFolder, weight_files

ADAPTER_CONFIG = "adapter_config.json"
ADAPTER_WEIGHTS = "adapter_model.safetensors"


def save_weights(model: Any, folder: Path, settings: TrainSettings) -> WeightsFolder:
    """Writes `folder/model` or `folder/adapter`, and says which. `model` is what `apply_method` gave."""
    with quiet_transformers():
        if settings.method == "full":
            model.save_pretrained(folder / MODEL)
            return "model"
        _save_adapter(model, folder / ADAPTER)
        return "adapter"


def attach_weights(base_model: Any, folder: Path) -> Any:
    """The student of `folder` in eval mode: its adapter around `base_model`, or its own complete model.

    `base_model` may be None where the student is a complete model, which is then loaded in its place, in fp32. Every
    tensor must be there. Raises `StudentMissing`.
    """
    if (folder / ADAPTER).is_dir():
        return _attach_adapter(base_model, folder / ADAPTER)
    path = folder / MODEL
    if not (path / "config.json").is_file():
        raise StudentMissing(folder, "it holds neither a model nor an adapter")
    device = None if base_model is None else str(base_model.device)
    try:
        return load_model(ModelSource(name=str(path), kind="folder", path=str(path)), device=device)
    except FinetuneError as error:
        raise StudentMissing(folder, error.message.rstrip(".")) from error


def weights_fingerprint(folder: Path) -> str:
    """SHA-256, in hex, of a student's weight files by their names. Raises `StudentMissing` where there are none."""
    files = weight_files(folder)
    if not files:
        raise StudentMissing(folder, "it holds no weights")
    digest = hashlib.sha256()
    for file in files:
        with file.open("rb") as opened:
            content = hashlib.file_digest(opened, "sha256").hexdigest()
        digest.update(f"{file.relative_to(folder).as_posix()} {content}\n".encode())
    return digest.hexdigest()


def _save_adapter(model: Any, folder: Path) -> None:
    # Not peft's `save_pretrained`: it asks the hub whether the vocabulary has grown, and writes a model card.
    import peft
    from safetensors.torch import save_file

    folder.mkdir(parents=True, exist_ok=True)
    tensors = peft.get_peft_model_state_dict(model, save_embedding_layers=False)
    save_file(
        {name: tensor.detach().cpu().contiguous() for name, tensor in sorted(tensors.items())},
        folder / ADAPTER_WEIGHTS,
        metadata={"format": "pt"},
    )
    config = model.active_peft_config.to_dict() | {"inference_mode": True}
    plain = {name: sorted(value) if isinstance(value, set) else value for name, value in config.items()}
    (folder / ADAPTER_CONFIG).write_text(json.dumps(plain, indent=2, sort_keys=True) + "\n", encoding="utf-8")


def _attach_adapter(base_model: Any, folder: Path) -> Any:
    import peft
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    if base_model is None:
        raise StudentMissing(folder.parent, "it is an adapter, and the model it belongs to is not loaded")
    try:
        with quiet_transformers():
            config = peft.PeftConfig.from_pretrained(str(folder))
            tensors = load_file(folder / ADAPTER_WEIGHTS)
            _check_width(folder.parent, config, base_model)
            model = peft.get_peft_model(base_model, config)
            wanted = peft.get_peft_model_state_dict(model, save_embedding_layers=False)
            _check_same(folder.parent, wanted, tensors)
            peft.set_peft_model_state_dict(model, tensors)
    except (OSError, ValueError, TypeError, KeyError, SafetensorError) as error:
        raise StudentMissing(folder.parent, f"its adapter cannot be read: {reason_of(error)}") from error
    return model.requires_grad_(False).eval()


def _check_width(student: Path, config: Any, base_model: Any) -> None:
    # A soft prompt is as wide as its configuration says, whatever model it is put in front of.
    width = base_model.get_input_embeddings().weight.shape[-1]
    if config.is_prompt_learning and config.token_dim != width:
        raise StudentMissing(student, f"its prompt is {config.token_dim} wide, and the model {width}")


def _check_same(student: Path, wanted: dict[str, Any], found: dict[str, Any]) -> None:
    if missing := sorted(wanted.keys() - found.keys()):
        raise StudentMissing(student, f"{len(missing)} tensors are missing, such as {missing[0]}")
    if strange := sorted(found.keys() - wanted.keys()):
        raise StudentMissing(student, f"{len(strange)} tensors belong to another model, such as {strange[0]}")
    if misshapen := sorted(name for name, tensor in found.items() if tensor.shape != wanted[name].shape):
        raise StudentMissing(student, f"{len(misshapen)} tensors fit another model, such as {misshapen[0]}")
