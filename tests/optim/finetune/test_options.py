"""What users write about training, in our words and in those of other trainers."""

from typing import Any

import pytest

from tunesmith.optim.finetune.options import training_options, wants_lora
from tunesmith.optim.finetune.settings import LoraSettings, PromptSettings, TrainSettings


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ({}, {}),
        ({"epochs": 2, "seed": 3}, {"epochs": 2, "seed": 3}),
        ({"num_train_epochs": 5}, {"epochs": 5}),
        ({"learning_rate": 1e-4, "max_seq_length": 512}, {"learning_rate": 1e-4, "max_tokens": 512}),
        ({"per_device_train_batch_size": 4, "gradient_accumulation_steps": 3}, {"batch_examples": 12}),
        ({"gradient_accumulation_steps": 2}, {"batch_examples": 2}),
        ({"r": 8, "lora_alpha": 64, "use_dora": True}, {"lora": LoraSettings(rank=8, alpha=64, dora=True)}),
        ({"num_virtual_tokens": 7, "text": "Sort it."}, {"prompt": PromptSettings(tokens=7, text="Sort it.")}),
        ({"bf16": True}, {"precision": "bf16"}),
        ({"bf16": False}, {"precision": "fp32"}),
        ({"device": "cuda", "output_dir": "x", "use_peft": True}, {}),
    ],
)
def test_options_are_fields_of_the_settings(given: dict[str, Any], found: dict[str, Any]) -> None:
    options = training_options(given)
    assert options == found
    TrainSettings(tasks=["answer"], **options)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"epoch": 2}, "epoch is no training option here"),
        ({"fp16": True}, "precision='bf16'"),
        ({"gradient_checkpointing": True}, "only where memory needs it"),
        ({"epochs": "many"}, "does not fit"),
        ({"epochs": 0}, "epochs must be above 0"),
        ({"learning_rate": -1.0}, "learning_rate must be above 0"),
        ({"learning_rate": float("nan")}, "learning_rate must be above 0"),
        ({"rank": 0}, "rank must be above 0"),
        ({"warmup": 1.5}, "warmup is a share"),
        ({"optimizer": "sgd"}, "does not fit"),
    ],
)
def test_what_means_nothing_is_refused_by_name(given: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        training_options(given)


def test_dspys_way_to_ask_for_lora() -> None:
    assert wants_lora({"use_peft": True})
    assert not wants_lora({"use_peft": False})
    assert not wants_lora({})
