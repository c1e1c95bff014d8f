"""What the training process is given, and what it reports: one JSON object a line."""

from typing import Literal

from msgspec import Struct

from tunesmith.optim.finetune.settings import TrainSettings
from tunesmith.protocol.student import ModelSource

CHECKPOINTS = "checkpoints"
"""A folder inside the training's own."""


class TrainSpec(Struct, frozen=True, kw_only=True):
    """One training. Started again with the same folder, it goes on from the last checkpoint there."""

    source: ModelSource
    settings: TrainSettings
    train: str
    """Path of the training rows, JSON Lines of `Row`."""
    dev: str
    """Path of the development rows: they choose the step whose weights are kept."""
    folder: str
    """Where checkpoints are kept and the student is written to."""


class Started(Struct, frozen=True, kw_only=True, tag_field="kind", tag="started"):
    """Everything is loaded and laid out; the first step comes next."""

    device: str
    """For people: what computes, and in what."""
    parameters: int
    trainable: int
    """Parameters that change; those of a LoRA or a soft prompt count among both."""
    examples: int
    """Rows trained on."""
    refused: dict[str, int]
    """Rows left out, by reason."""
    steps: int
    """Optimizer steps in all."""
    layout: str
    """How batches are laid out, and why: "packed behind shared prefixes (2.7 times fewer tokens)"."""
    resumed_at: int = 0
    """Optimizer steps a checkpoint had already made."""


class Stepped(Struct, frozen=True, kw_only=True, tag_field="kind", tag="step"):
    """Steps were made since the last of these, about a second ago."""

    step: int
    steps: int
    loss: float
    """Mean negative log-likelihood of a target token, in nats, since the last of these."""
    tokens_per_second: float
    examples_per_second: float
    peak_bytes: int
    """Most memory the process held so far: of the device, or resident on a CPU."""
    eta_seconds: float


class DevScored(Struct, frozen=True, kw_only=True, tag_field="kind", tag="dev"):
    """The development rows were scored."""

    step: int
    loss: float
    """As of `Stepped`."""
    exact: float
    """Share of development rows whose whole target is what greedy decoding would say."""
    is_best: bool


class Ended(Struct, frozen=True, kw_only=True, tag_field="kind", tag="ended"):
    """The student is written; the last event."""

    best_step: int
    steps_made: int
    loss: float
    """Of the development rows at the best step."""
    exact: float
    seconds: float
    """Of training, over all its starts."""
    examples_per_second: float
    peak_bytes: int
    tokens: int
    """Computed in all, prefixes counted once a row."""
    stopped: Literal["finished", "no better for a while", "cancelled"]


class Failed(Struct, frozen=True, kw_only=True, tag_field="kind", tag="failed"):
    """It cannot go on. Earlier checkpoints are untouched."""

    message: str
    next_step: str
    error: str = "FinetuneError"
    """Its class in `errors`."""


TrainEvent = Started | Stepped | DevScored | Ended | Failed
