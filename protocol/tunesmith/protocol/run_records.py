"""The rows of a run's store."""

from typing import Any, Literal

from tunesmith.protocol.wire import Wire

BASELINE = "baseline"
"""Id and name of the candidate that is the program as it came."""
TUNED = "tuned"
"""Id and name of the one candidate that a run without a search makes."""
UNTUNED_MODEL = "base"
"""Id and name of the baseline of a run that finetunes: the program on the student's model before training."""


class LmCall(Wire, frozen=True, kw_only=True):
    """One answered LM call. `key` = rollout key, request and occurrence, so a resumed run finds it again."""

    key: str
    rollout: str | None
    """The rollout it was made for; None for calls outside any."""
    model: str
    request: dict[str, Any]
    """Messages or prompt, and the keyword arguments, without credentials."""
    outputs: list[Any]
    """As the LM object returned them: text, or a dict with text, reasoning, tool calls."""
    prompt_tokens: int
    completion_tokens: int
    usd: float | None
    """None: price unknown, which is not free."""
    seconds: float
    cache_hit: bool
    """Answered by dspy's own cache: costs nothing."""


class Step(Wire, frozen=True, kw_only=True):
    """One thing a program did, in order: a predictor's, a tool's or a retriever's turn."""

    kind: Literal["predictor", "tool", "retriever"]
    name: str
    """For predictors the name of `named_predictors()`."""
    inputs: dict[str, Any]
    outputs: dict[str, Any]
    reasoning: str | None = None
    calls: list[str] = []
    """Keys of the LM calls it made."""
    error: str | None = None
    seconds: float


class Rollout(Wire, frozen=True, kw_only=True):
    """A program run on one example, judged. A failed call leaves no score: it is missing, never zero."""

    key: str
    candidate: str
    example: str
    """The example's fingerprint."""
    index: int
    """The example's place in its data set, from 0."""
    split: Literal["train", "val"]
    sample: int
    status: Literal["scored", "unparsed", "failed"]
    """`unparsed`: the program could not read its model's answer, a score of zero the user would see."""
    score: float | None
    accepted: bool
    """The metric (and threshold) accepted it."""
    feedback: str | None = None
    prediction: dict[str, Any]
    steps: list[Step]
    error: str | None = None
    seconds: float
    faithful: bool = False
    """The predictors' inputs and outputs were plain JSON data, so that `steps` holds them exactly."""


class Candidate(Wire, frozen=True, kw_only=True):
    """A variant of the program: its state, and where it came from."""

    id: str
    name: str
    parent: str | None
    state: dict[str, Any]
    """`dump_state()` with every `lm` null."""


class Totals(Wire, frozen=True, kw_only=True):
    """The ledger. Calls answered by a cache are not counted; `usd` is None where a price was unknown."""

    calls: int
    prompt_tokens: int
    completion_tokens: int
    usd: float | None
    seconds: float

    @property
    def tokens(self) -> int:
        """Prompt and completion."""
        return self.prompt_tokens + self.completion_tokens
