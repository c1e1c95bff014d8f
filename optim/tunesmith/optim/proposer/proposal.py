"""Instructions, as they are proposed and as the search has measured them."""

from msgspec import Struct


class Proposal(Struct, frozen=True, kw_only=True):
    """An instruction written for a predictor."""

    predictor: str
    text: str
    view: str
    """What its author looked at: `data`, `traces`, `errors`, `role`, `style`, `reflection`; `template`: plain code."""
    why: str
    """One line for people."""


class ScoredInstruction(Struct, frozen=True, kw_only=True):
    """An instruction the search has measured."""

    text: str
    effect: float
    """On the score, against the others, with its 95 % interval."""
    low: float
    high: float
