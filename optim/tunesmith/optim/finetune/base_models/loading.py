"""Configurations, tokenizers and weights, from wherever a model lies; models without weights, from a configuration.

Weights come from safetensors or GGUF only, and no code of a repository is run. What the hub gave before is used as it
is; the network is asked for the rest.
"""

import copy
from collections.abc import Callable
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, TypeVar

from tunesmith.optim.finetune.base_models.hub import from_hub
from tunesmith.optim.finetune.base_models.quiet import missing_module, quiet_transformers, reason_of
from tunesmith.optim.finetune.errors import ExtraMissing, FinetuneError, ModelUnsupported
from tunesmith.protocol.student import Architecture, ModelSource

Loaded = TypeVar("Loaded")


def load_config(source: ModelSource) -> Any:
    """The transformers configuration, with the source's name in place of its path.

    Raises `ModelOutOfReach`, `ExtraMissing`, or `FinetuneError` where what lies there cannot be read.
    """
    if source.kind == "gguf" and source.path is not None and Path(source.path).is_file():
        config = copy.deepcopy(_gguf_config(source, Path(source.path).stat().st_mtime_ns))
    else:
        config = _load(source, _transformers().AutoConfig.from_pretrained)
    config._name_or_path = source.name
    return config


@lru_cache(maxsize=4)
def _gguf_config(source: ModelSource, changed_at: int) -> Any:
    # Seconds each time: the vocabulary is read on the way.
    return _load(source, _transformers().AutoConfig.from_pretrained)


def architecture_of(config: Any, name: str) -> Architecture:
    """What the model of a transformers configuration is built like; `name` is what the error calls it.

    Raises `ModelUnsupported` where it is no text generator.
    """
    from transformers.models.auto import modeling_auto

    kind = type(config)
    if config.is_encoder_decoder:
        if kind in modeling_auto.MODEL_FOR_SEQ_TO_SEQ_CAUSAL_LM_MAPPING:
            return "seq2seq"
    # Encoders such as BERT are in the causal table too, for a use nobody trained them for.
    elif kind in modeling_auto.MODEL_FOR_CAUSAL_LM_MAPPING and kind not in modeling_auto.MODEL_FOR_MASKED_LM_MAPPING:
        return "causal"
    raise ModelUnsupported(name, f"{config.model_type} model")


def auto_class(architecture: Architecture) -> Any:
    """transformers' class that builds and loads models of this architecture. Raises `ExtraMissing`."""
    transformers = _transformers()
    return transformers.AutoModelForSeq2SeqLM if architecture == "seq2seq" else transformers.AutoModelForCausalLM


def model_from_config(config: Any) -> Any:
    """A model with random weights, in fp32 and train mode, on torch's current device.

    Under `torch.device("meta")` no memory is taken. Raises `ModelUnsupported`, `ExtraMissing`.
    """
    family = auto_class(architecture_of(config, config.name_or_path or config.model_type))
    import torch

    with quiet_transformers():
        model = family.from_config(config, dtype=torch.float32)
    if has_own_head(config):
        head = torch.empty_like(model.lm_head.weight)
        model.lm_head.weight = torch.nn.Parameter(head.normal_(std=config.d_model**-0.5))
    return model


def has_own_head(config: Any) -> bool:
    """Whether a T5 is of version 1.1 (Flan-T5, mT5, UMT5), whose files hold a head beside the embeddings.

    Its decoder's output enters the head unscaled. transformers 5 ties the two whatever the configuration says, and
    unties them while loading where they differ.
    """
    if config.model_type not in ("t5", "mt5", "umt5"):
        return False
    is_scaled = getattr(config, "scale_decoder_outputs", None)  # mT5's and older configurations do not say
    return not is_scaled if is_scaled is not None else config.model_type == "mt5" or not config.tie_word_embeddings


def load_tokenizer(source: ModelSource) -> Any:
    """The tokenizer, always with a pad token. Raises as `load_config`."""

    def load(place: Any, **options: Any) -> Any:
        tokenizer = _transformers().AutoTokenizer.from_pretrained(place, **options)
        # Where vocabulary files are missing, transformers makes up a tokenizer of special tokens alone.
        ids = tokenizer.encode("a", add_special_tokens=False)
        if not ids or tokenizer.unk_token_id in ids:
            raise OSError("its tokenizer has no vocabulary")
        return tokenizer

    tokenizer = _load(source, load)
    if tokenizer.pad_token is None:
        # A token the model has: a new one would need a longer embedding table. Padding is masked wherever we pad, so
        # it is never mistaken for the end of an answer.
        tokenizer.pad_token = tokenizer.eos_token or tokenizer.bos_token or tokenizer.unk_token
    return tokenizer


def load_model(source: ModelSource, *, dtype: str = "float32", device: str | None = None) -> Any:
    """The model in eval mode, on the CPU unless `device` says otherwise; `dtype` is torch's name of one.

    In fp32 by default, whatever the file holds: low learning rates round away in bf16. Raises `ModelOutOfReach`,
    `ModelUnsupported`, `ExtraMissing`, or `FinetuneError` where weights are missing or cannot be read.
    """
    config = load_config(source)
    family = auto_class(architecture_of(config, source.name))
    options: dict[str, Any] = {} if source.kind == "gguf" else {"use_safetensors": True}
    if getattr(config, "quantization_config", None) is not None:
        raise FinetuneError(
            f"{source.name} is quantized, and training needs plain weights.", "Give the model it was made of."
        )
    torch = _torch()

    def load(place: Any, **where: Any) -> Any:
        return family.from_pretrained(
            place, config=config, dtype=getattr(torch, dtype), output_loading_info=True, **options, **where
        )

    model, info = _load(source, load)
    if missing := sorted(info["missing_keys"]):  # transformers would draw them at random
        raise FinetuneError(
            f"{source.name} lacks {len(missing)} of its tensors, such as {missing[0]}.",
            "Give the whole model, its language-model head included.",
        )
    if source.kind == "gguf":
        _forget_quantization(model)
    # What is saved later names the model as the user did, not a path of this machine.
    model.config._name_or_path = model.name_or_path = source.name
    return (model if device is None else model.to(device)).eval()


def _load(source: ModelSource, load: Callable[..., Loaded]) -> Loaded:
    load = partial(load, trust_remote_code=False)
    try:
        with quiet_transformers():
            if source.kind == "hub":
                return from_hub(source.name, load)
            place = Path(source.path or source.name)
            if source.kind == "gguf":
                return load(place.parent, gguf_file=place.name)
            return load(place, local_files_only=True)
    except FinetuneError:
        raise
    except ImportError as error:
        raise ExtraMissing(missing_module(error)) from error
    except Exception as error:
        # The readers of configurations, GGUF and safetensors raise whatever a damaged file leads them to.
        raise FinetuneError(
            f"{source.name} cannot be read as a model: {reason_of(error)}.",
            "Copy or download it again, or choose another model.",
        ) from error


def _forget_quantization(model: Any) -> None:
    """A GGUF's weights are plain ones by now, yet transformers would refuse to save them."""
    model.hf_quantizer, model.is_quantized = None, False
    if hasattr(model.config, "quantization_config"):
        del model.config.quantization_config


def _transformers() -> Any:
    try:
        import torch  # noqa: F401  transformers without it loads no weights
        import transformers
    except ModuleNotFoundError as error:
        raise ExtraMissing(error.name or "transformers") from error
    return transformers


def _torch() -> Any:
    import torch

    return torch
