"""Scores with their uncertainty: intervals, paired gains and their verdicts, splits."""

from tunesmith.optim.scoring.intervals import mean_score
from tunesmith.optim.scoring.labels import label_field
from tunesmith.optim.scoring.paired import paired_gain, verdict_of
from tunesmith.optim.scoring.splits import split_examples

__all__ = ["label_field", "mean_score", "paired_gain", "split_examples", "verdict_of"]
