"""Whether the winner replaces the baseline."""

from tunesmith.optim.search.beliefs import Winner
from tunesmith.optim.statistics import paired_gain
from tunesmith.protocol import Selection

LIKELY = 0.7
STRICT = 0.97
"""Above .95: where no candidate differs, the winner of a simulated search has P ≥ .95 in 4 to 5 % of runs, which leaves
no room for the promise of at most 5 %; P ≥ .97 in 2 to 3 %."""


def is_shipped(winner: Winner, selection: Selection) -> bool:
    """Each selection asks for all that the one before it asks for.

    "max": the winner did better on the examples both were scored on. MIPROv2, which returns the highest mean, keeps
    the baseline too where it did not; in replays that ships something worse a quarter less often, for a tenth of a
    point of gain. "likely": the surrogate's P ≥ .7. "strict": P ≥ .97, and the paired comparison, which does not
    believe in additivity, does not disagree.
    """
    if winner.scores and sum(winner.scores) <= sum(winner.baseline_scores):
        return False
    if selection == "max":
        return True
    if selection == "likely":
        return winner.probability >= LIKELY
    return winner.probability >= STRICT and paired_probability(winner) >= LIKELY


def paired_probability(winner: Winner) -> float:
    """P(better than the baseline) from the examples both were scored on alone; one half where there is none."""
    return paired_gain(winner.baseline_scores, winner.scores).probability if winner.scores else 0.5
