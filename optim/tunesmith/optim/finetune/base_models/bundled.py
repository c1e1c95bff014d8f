"""Configurations of well-known models, sizes as published: what is needed to describe them without a network."""

import json
from pathlib import Path
from typing import Any

from tunesmith.optim.finetune.base_models.loading import load_config
from tunesmith.protocol.student import ModelSource

CONFIGS = Path(__file__).with_name("configs")

HUB_IDS: dict[str, str] = {
    "t5-small": "t5-small",
    "t5-base": "t5-base",
    "t5-large": "t5-large",
    "t5-3b": "t5-3b",
    "t5-11b": "t5-11b",
    "google-t5/t5-small": "t5-small",
    "google-t5/t5-base": "t5-base",
    "google-t5/t5-large": "t5-large",
    "google-t5/t5-3b": "t5-3b",
    "google-t5/t5-11b": "t5-11b",
    "google/flan-t5-small": "flan-t5-small",
    "google/flan-t5-base": "flan-t5-base",
    "google/flan-t5-large": "flan-t5-large",
    "google/flan-t5-xl": "flan-t5-xl",
    "google/flan-t5-xxl": "flan-t5-xxl",
    "google/mt5-small": "mt5-small",
    "google/mt5-base": "mt5-base",
    "meta-llama/Llama-2-7b-hf": "llama-2-7b",
    "meta-llama/Llama-2-7b-chat-hf": "llama-2-7b",
    "meta-llama/Llama-2-13b-hf": "llama-2-13b",
    "meta-llama/Llama-2-13b-chat-hf": "llama-2-13b",
    "meta-llama/Llama-3.1-8B": "llama-3.1-8b",
    "meta-llama/Llama-3.1-8B-Instruct": "llama-3.1-8b",
    "meta-llama/Llama-3.2-1B": "llama-3.2-1b",
    "meta-llama/Llama-3.2-1B-Instruct": "llama-3.2-1b",
    "meta-llama/Llama-3.2-3B": "llama-3.2-3b",
    "meta-llama/Llama-3.2-3B-Instruct": "llama-3.2-3b",
    "Qwen/Qwen2.5-0.5B": "qwen2.5-0.5b",
    "Qwen/Qwen2.5-0.5B-Instruct": "qwen2.5-0.5b",
    "Qwen/Qwen2.5-1.5B": "qwen2.5-1.5b",
    "Qwen/Qwen2.5-1.5B-Instruct": "qwen2.5-1.5b",
    "Qwen/Qwen2.5-7B": "qwen2.5-7b",
    "Qwen/Qwen2.5-7B-Instruct": "qwen2.5-7b",
    "Qwen/Qwen3-0.6B": "qwen3-0.6b",
    "HuggingFaceTB/SmolLM2-135M": "smollm2-135m",
    "HuggingFaceTB/SmolLM2-135M-Instruct": "smollm2-135m",
    "HuggingFaceTB/SmolLM2-360M": "smollm2-360m",
    "HuggingFaceTB/SmolLM2-360M-Instruct": "smollm2-360m",
    "HuggingFaceTB/SmolLM2-1.7B": "smollm2-1.7b",
    "HuggingFaceTB/SmolLM2-1.7B-Instruct": "smollm2-1.7b",
}
"""Ids of the hub, and which configuration is theirs in everything that counts."""


def bundled_config(name: str) -> Any:
    """The transformers configuration of a well-known model, by its file's name (`t5-base`). Raises `KeyError`."""
    path = CONFIGS / f"{name}.json"
    if not path.is_file():
        raise KeyError(name)
    from transformers import AutoConfig

    fields = json.loads(path.read_text(encoding="utf-8"))
    config = AutoConfig.for_model(fields.pop("model_type"), **fields)
    config._name_or_path = name
    return config


def config_of(source: ModelSource) -> Any:
    """The transformers configuration, of well-known models of the hub without a network. Raises as `load_config`."""
    if source.kind == "hub" and source.name in HUB_IDS:
        return bundled_config(HUB_IDS[source.name])
    return load_config(source)
