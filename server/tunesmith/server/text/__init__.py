"""Every wording that more than one place shows: scores, gains, runs, searches, students."""

from tunesmith.server.text.run_sentences import Weight, describe_end, describe_state, describe_work
from tunesmith.server.text.scores import (
    describe_age,
    describe_change,
    describe_gain,
    describe_gain_briefly,
    describe_outcome,
    describe_probability,
    describe_score,
    is_share,
    shown_score,
)
from tunesmith.server.text.search import SEARCHING, describe_batch, describe_chance, describe_leader
from tunesmith.server.text.students import describe_students

__all__ = [
    "SEARCHING",
    "Weight",
    "describe_age",
    "describe_batch",
    "describe_chance",
    "describe_change",
    "describe_end",
    "describe_gain",
    "describe_gain_briefly",
    "describe_leader",
    "describe_outcome",
    "describe_probability",
    "describe_score",
    "describe_state",
    "describe_students",
    "describe_work",
    "is_share",
    "shown_score",
]
