"""Scores with their uncertainty: intervals, paired gains and their verdicts, splits."""

from tunesmith.optim.statistics.intervals import mean_score
from tunesmith.optim.statistics.labels import EXAMPLES_PER_LABEL, label_field
from tunesmith.optim.statistics.paired import paired_gain, verdict_of
from tunesmith.optim.statistics.splits import split_examples

__all__ = [
    "EXAMPLES_PER_LABEL",
    "label_field",
    "mean_score",
    "paired_gain",
    "split_examples",
    "verdict_of",
]
