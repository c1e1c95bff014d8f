"""What finetuning reports: how a training goes, how its students compare, and what it would take.

Times are seconds, memory is bytes, money is US dollars. A range holds 95 % of what is expected.
"""

from typing import Literal

from tunesmith.protocol.scores import Gain, Score
from tunesmith.protocol.wire import Wire

ArmName = Literal["base", "few-shot", "tuned", "teacher"]
"""What is compared on the same held-out inputs: the model untuned, the same with demos, the student, its teacher."""


class TrainingStarted(Wire, frozen=True, kw_only=True, tag_field="kind", tag="training"):
    """A student's training begins, or goes on from a checkpoint."""

    student: str
    """The predictor it is trained for; of several trained together, their names joined by `+`."""
    device: str
    parameters: int
    trainable: int
    rows: int
    """Rows trained on."""
    refused: dict[str, int]
    """Rows left out, by reason."""
    steps: int
    """Optimizer steps in all."""
    layout: str
    """How batches are laid out, and why."""
    resumed_at: int = 0
    """Optimizer steps a checkpoint had already made."""


class TrainingStep(Wire, frozen=True, kw_only=True, tag_field="kind", tag="training step"):
    """How far a training is: once a second at most, and at the last step."""

    student: str
    step: int
    steps: int
    loss: float
    """Mean negative log-likelihood of a target token, in nats, since the last of these."""
    tokens_per_second: float
    peak_bytes: int
    """Most memory held so far: of the device, or resident on a CPU."""
    eta_seconds: float


class DevScored(Wire, frozen=True, kw_only=True, tag_field="kind", tag="dev"):
    """A training was scored on rows it does not learn from; the best of these is what is kept."""

    student: str
    step: int
    loss: float
    exact: float
    """Share of rows answered word for word."""
    best: bool
    """The best so far."""


class ArmScore(Wire, frozen=True, kw_only=True):
    """How one of the compared did on the held-out inputs, and what an answer of it takes."""

    name: ArmName
    score: Score
    unparsed: int
    """Answers that could not be read. They are in the score, as failures."""
    seconds_per_answer: float
    """Of the clock, where several are answered at once."""
    usd_per_passing: float | None
    """For each answer that passed the metric. None: the price is unknown, or none passed."""


class ArmGain(Wire, frozen=True, kw_only=True):
    """The tuned arm minus another one, on the same inputs."""

    over: ArmName
    gain: Gain


class Comparison(Wire, frozen=True, kw_only=True):
    """Every arm on the same held-out inputs."""

    arms: list[ArmScore]
    gains: list[ArmGain]


class Prediction(Wire, frozen=True, kw_only=True):
    """What was expected before, and what came."""

    what: str
    """"training memory", "training time"."""
    unit: str
    """`bytes`, `seconds`, `usd`, or what is counted."""
    predicted: float
    low: float
    high: float
    actual: float | None
    """None: not measured."""


class StudentInfo(Wire, frozen=True, kw_only=True):
    """A finetuned model that belongs to a program."""

    path: str
    """Its folder: relative to the run's folder in `report.json`, to the root in what is applied."""
    model: str
    """What it was made from, as the user named it."""
    method: Literal["full", "lora", "prompt"]
    tasks: list[str]
    """The predictors it answers for."""
    weights_bytes: int
    fingerprint: str
    """SHA-256 of its weights, as in its `student.json`."""


class BreakEven(Wire, frozen=True, kw_only=True):
    """From how many answers on the student is cheaper than asking an API."""

    api: str
    """The model of the API, or its name with how the student's hardware is paid for."""
    queries: float | None
    """None: never."""
    basis: str
    """Where the number comes from, one line."""


class FinetuneReport(Wire, frozen=True, kw_only=True):
    """What a run that finetunes came to."""

    students: list[StudentInfo]
    comparison: Comparison | None
    """None: nothing was held out to compare on."""
    predictions: list[Prediction]
    rows: int
    """Rows trained on, of all students."""
    refused: dict[str, int]
    """Rows left out, by reason."""
    warnings: list[str]
    break_even: list[BreakEven]
    why: list[str]
    """Why this strategy, a line each."""


class SecondsRange(Wire, frozen=True, kw_only=True):
    """An expected time and what holds 95 % of it."""

    low: float
    mean: float
    high: float


class StrategyEstimate(Wire, frozen=True, kw_only=True):
    """What one strategy would take on this machine."""

    name: str
    """`full`, `lora`, `prompt`, or one of these for all predictors together: `lora, multitask`."""
    memory_bytes: int
    """Peak while training."""
    fits: bool
    """Into what is free on this machine."""
    train_seconds: SecondsRange
    trainable: int
    """Parameters that change."""


class HardwareEstimate(Wire, frozen=True, kw_only=True):
    """What the picked strategy would take elsewhere."""

    name: str
    memory_bytes: int
    """Of the hardware."""
    fits: bool
    train_seconds: SecondsRange
    usd: float | None
    """For the training, at the hardware's hourly price. None: no price."""


class FinetuneEstimate(Wire, frozen=True, kw_only=True):
    """What finetuning would take, strategy by strategy, before anything is spent."""

    model: str
    architecture: Literal["causal", "seq2seq"]
    parameters: int
    strategies: list[StrategyEstimate]
    picked: str
    """The name of one of `strategies`."""
    why: list[str]
    serving_bytes: int
    """Memory that answering takes."""
    hardware: list[HardwareEstimate]
    """This machine first."""
    break_even: list[BreakEven]
    warnings: list[str]
