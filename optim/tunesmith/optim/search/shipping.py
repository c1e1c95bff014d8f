"""Whether the winner replaces the baseline."""

from typing import Literal

from tunesmith.optim.scoring import paired_gain
from tunesmith.optim.search.estimates import Winner

Selection = Literal["max", "likely", "strict"]

LIKELY = 0.7
CONFIRMED = 0.95


def is_shipped(winner: Winner, selection: Selection) -> bool:
    """ "max" always takes the winner, as MIPROv2 does. "likely" asks the surrogate for P ≥ .7.

    "strict" asks for P ≥ .95 twice: of the surrogate, which knows how many arms were compared but believes in
    additivity, and of the paired comparison, which believes in nothing but does not know it was selected.
    """
    if selection == "max":
        return True
    if selection == "likely":
        return winner.probability >= LIKELY
    return winner.probability >= CONFIRMED and paired_probability(winner) >= CONFIRMED


def paired_probability(winner: Winner) -> float:
    """P(better than the baseline) from the examples both were scored on alone; one half where there is none."""
    return paired_gain(winner.baseline_scores, winner.scores).probability if winner.scores else 0.5
