"""What can be set of a training, and what it does where nothing is."""

from typing import Literal

from msgspec import Struct

from tunesmith.protocol.student import Method


class LoraSettings(Struct, frozen=True, kw_only=True):
    """Of low-rank adapters on every linear layer (Hu et al. 2021, 2106.09685)."""

    rank: int = 16
    alpha: int = 32
    """What an adapter adds is multiplied by `alpha / rank`."""
    dropout: float = 0.0
    """Share of an adapter's inputs left out in a step."""
    rslora: bool = False
    """Multiplied by `alpha / √rank` instead (Kalajdzievski 2023, 2312.03732)."""
    dora: bool = False
    """Direction and magnitude apart (Liu et al. 2024, 2402.09353)."""


class PromptSettings(Struct, frozen=True, kw_only=True):
    """Of a soft prompt, embeddings that are learned in front of the input (Lester et al. 2021, 2104.08691)."""

    tokens: int = 20
    """Length of the soft prompt."""
    text: str | None = None
    """What it starts as; None: the tasks' instructions."""


class TrainSettings(Struct, frozen=True, kw_only=True):
    """How one student is trained, for all `tasks` together."""

    method: Method = "lora"
    tasks: list[str]
    """Names of the predictors it learns to stand in for; several: multi-task."""
    epochs: float = 3.0
    learning_rate: float | None = None
    """None: by method and length of the run."""
    batch_examples: int = 8
    """Examples an optimizer step, whatever batches they are computed in."""
    batch_tokens: int = 2048
    """Tokens computed at once, padding included."""
    max_tokens: int = 2048
    """Longest prompt with its target. A longer row is left out and counted, never cut."""
    warmup: float = 0.05
    """Share of the steps."""
    weight_decay: float = 0.0
    patience: int = 3
    """Scorings on the development rows without a better one before training ends early."""
    evaluations: int = 10
    """Scorings on the development rows over the whole training."""
    seed: int = 0
    precision: Literal["auto", "fp32", "bf16"] = "auto"
    """Of the computation; what is trained is always kept in fp32."""
    optimizer: Literal["adamw", "adamw-fused", "adamw-8bit", "adafactor"] = "adamw"
    packing: Literal["auto", "off"] = "auto"
    """Rows that share a prefix are computed behind one copy of it, where the model allows it."""
    activation_checkpointing: bool = False
    """Activations are computed again on the way back instead of kept: less memory, about a third more time."""
    checkpoint_minutes: float = 10.0
    threads: int | None = None
    """Compute threads on a CPU; None: torch's choice."""
    lora: LoraSettings = LoraSettings()
    prompt: PromptSettings = PromptSettings()
