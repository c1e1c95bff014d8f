"""What every contestant trains: the same random weights on the same examples."""

import random
from typing import Any, Literal

import msgspec
import torch
from msgspec import Struct

from tunesmith.optim.finetune.base_models.bundled import bundled_config
from tunesmith.optim.finetune.batching.encoding import Encoded
from tunesmith.protocol.student import Architecture

PREFIX = 400
"""Tokens all prompts begin with: a module's instructions."""
SUFFIX = (44, 76)
"""Tokens of a prompt after that, uniform: 60 in the mean."""
TARGET = 12
LEARNING_RATE = 1e-4
SEED = 0


class Workload(Struct, frozen=True, kw_only=True):
    model: str
    """Of the bundled configurations; its weights are random."""
    layers: int | None = None
    """None: all it has."""
    vocabulary: int | None = None
    device: Literal["cpu", "cuda"] = "cpu"
    precision: Literal["fp32", "bf16"] = "fp32"
    """Of products; weights are fp32."""
    method: Literal["full", "lora"] = "full"
    threads: int | None = None
    batch_examples: int = 8
    """Of an optimizer step."""
    batch_tokens: int = 2048
    """Computed at once by ours. The peer computes a whole step at once."""
    warmup_steps: int = 1
    steps: int = 4
    """Timed ones."""

    @property
    def name(self) -> str:
        layers = f", {self.layers} layers" if self.layers else ""
        vocabulary = f", vocabulary of {self.vocabulary:,}" if self.vocabulary else ""
        threads = f", {self.threads} thread{'s' * (self.threads > 1)}" if self.threads else ""
        return (
            f"{self.model}{layers}{vocabulary}, {self.method}, {self.precision}, {self.batch_examples} examples a step"
            f"{threads}"
        )

    @property
    def all_steps(self) -> int:
        """One more than are warmed up and timed, since time is taken within steps."""
        return self.warmup_steps + self.steps + 1


def read_workload(text: str) -> Workload:
    return msgspec.json.decode(text, type=Workload)


def config_of(workload: Workload) -> Any:
    config = bundled_config(workload.model)
    if workload.layers is not None:
        config.num_hidden_layers = workload.layers
        config.layer_types = None
    if workload.vocabulary is not None:
        config.vocab_size = workload.vocabulary
    return config


def architecture_of(workload: Workload) -> Architecture:
    return "seq2seq" if config_of(workload).is_encoder_decoder else "causal"


def build_model(workload: Workload) -> Any:
    import transformers

    config = config_of(workload)
    family = transformers.AutoModelForSeq2SeqLM if config.is_encoder_decoder else transformers.AutoModelForCausalLM
    if workload.threads is not None:
        torch.set_num_threads(workload.threads)
    torch.manual_seed(SEED)
    with torch.device(workload.device):
        model = family.from_config(config, dtype=torch.float32)
    if workload.method == "lora":
        from peft import LoraConfig, get_peft_model

        model = get_peft_model(model, LoraConfig(r=16, lora_alpha=32, target_modules="all-linear"))
    return model


def examples_of(workload: Workload) -> list[Encoded]:
    """As many as all steps take, none twice."""
    draw = random.Random(SEED)
    vocabulary = config_of(workload).vocab_size

    def some(count: int) -> list[int]:
        return draw.choices(range(3, vocabulary), k=count)

    prefix = some(PREFIX)
    return [
        Encoded(prefix + some(draw.randint(*SUFFIX)), some(TARGET), 0)
        for _ in range(workload.batch_examples * workload.all_steps)
    ]
