"""What a search over instructions and demo sets learnt: which of them help, by how much, and how sure that is.

Effects, estimates and gains are in the metric's own unit. An effect is relative to level 0 of its factor, which is
what the program came with. Intervals hold 95 % of the posterior.
"""

from typing import Literal

from tunesmith.protocol.run_finetune import FinetuneEstimate
from tunesmith.protocol.wire import Wire

FactorKind = Literal["instruction", "demos"]


class InstructionChoice(Wire, frozen=True, kw_only=True):
    """The instruction a predictor was given, and why."""

    predictor: str
    before: str
    after: str
    view: str
    """What its author looked at: `data`, `traces`, `errors`, `role`, `style`, `template`, `reflection`."""
    why: str
    """One line: its effect with the interval, and the features that tell it from the one before."""


class LevelEffect(Wire, frozen=True, kw_only=True):
    """One instruction or demo set: what it does to the score, whatever it is combined with."""

    predictor: str
    kind: FactorKind
    level: int
    """Its number among those of its kind and predictor; 0: as the program came."""
    name: str
    """A demo set's name, or the view an instruction comes from."""
    text: str
    """An instruction's own words; of a demo set, what is in it."""
    mean: float
    low: float
    high: float
    n: int
    """Rollouts that used it."""


class FeatureEffect(Wire, frozen=True, kw_only=True):
    """A property of instructions, such as naming the labels: what having it does to the score."""

    predictor: str
    name: str
    meaning: str
    mean: float
    low: float
    high: float
    probability: float
    """That it helps."""
    levels: int
    """Instructions that have it."""


class ArmEstimate(Wire, frozen=True, kw_only=True):
    """A combination of one instruction and one demo set for every predictor."""

    candidate: str
    """The candidate's id in the store; of a combination never tried, the id it would have."""
    levels: list[int]
    """One for each factor, in the order of `SearchReport.factors`."""
    n: int
    """Examples it was scored on; 0: never tried, all below is predicted."""
    score: float | None
    """Its mean over those; None where there are none."""
    mean: float
    """What the model of the search believes its score on all examples to be."""
    low: float
    high: float
    probability: float
    """That it beats the baseline."""
    tokens: float | None = None
    """Mean tokens a rollout, prompt and completion."""
    seconds: float | None = None


class Factor(Wire, frozen=True, kw_only=True):
    """One thing a search chooses: the instruction or the demo set of one predictor, from `levels` of them."""

    predictor: str
    kind: FactorKind
    levels: int


class SearchReport(Wire, frozen=True, kw_only=True):
    """The state of a search when a batch closed. The last one is the result."""

    batches: int
    rollouts: int
    """Program calls so far, those that found the demos included."""
    ceiling: int
    """Program calls it may make."""
    factors: list[Factor]
    effects: list[LevelEffect]
    features: list[FeatureEffect]
    """The surest first."""
    measured: list[ArmEstimate]
    """The best first; the baseline is among them."""
    tried: int | None = None
    """Candidates scored on at least one example. None: `measured` has them all."""
    untried: list[ArmEstimate]
    """Combinations never tried that the model thinks best."""
    front: list[str]
    """Candidates no other beats in every objective; empty where the score is the only one."""


class Estimate(Wire, frozen=True, kw_only=True):
    """What a run would cost at most, before anything is spent."""

    optimizer: str
    train: int
    """Training examples."""
    val: int
    """Examples it would be scored on."""
    program_calls: int
    """Ceiling of program runs."""
    expected_program_calls: int | None = None
    """How many are likely. None: nothing says that it will be fewer."""
    calls_per_program: float
    prompt_calls: int
    """Calls to the prompt model."""
    lm_calls: int
    """Ceiling of all calls."""
    prompt_tokens: int
    completion_tokens: int
    usd: float | None
    """None: the price is unknown."""
    seconds: float | None
    """None: nothing is known of the model's speed here."""
    basis: list[str]
    """Where the numbers come from, a line each."""
    finetune: FinetuneEstimate | None = None
    """Of a run that finetunes: its training, beside the calls above."""
