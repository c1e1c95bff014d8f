"""Whether the winner replaces the baseline."""

from typing import Literal

from tunesmith.optim.search.estimates import Winner

Selection = Literal["max", "likely", "strict"]

THRESHOLDS: dict[Selection, float] = {"max": 0.0, "likely": 0.7, "strict": 0.95}
"""The least probability that the winner is better than the baseline."""


def is_shipped(winner: Winner, selection: Selection) -> bool:
    """ "max" always takes the winner, as MIPROv2 does; the others ask for evidence of a gain."""
    return winner.probability >= THRESHOLDS[selection]
