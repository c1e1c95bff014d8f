"""Every wording, once: scores, gains, prices, durations, runs and what happens in them, searches, students.

Plain structs in, words out; how words are laid out in a terminal is `views`' affair.
"""

from tunesmith.server.text.estimates import (
    describe_estimated_examples,
    describe_estimated_lm_calls,
    describe_estimated_program_calls,
    describe_estimated_time,
    describe_estimated_tokens,
)
from tunesmith.server.text.events import (
    describe_event,
    describe_progress,
)
from tunesmith.server.text.failures import (
    describe_error_kind,
    describe_exit,
)
from tunesmith.server.text.quantities import (
    describe_age,
    describe_amount,
    describe_bytes,
    describe_count,
    describe_deviation,
    describe_megabytes,
    describe_seconds,
    describe_spending,
    describe_time,
    describe_usd,
    describe_usd_at_most,
)
from tunesmith.server.text.run_sentences import (
    Weight,
    describe_end,
    describe_missing_search,
    describe_state,
    describe_work,
    explain_missing_estimate,
    explain_missing_result,
)
from tunesmith.server.text.scores import (
    describe_gain,
    describe_gain_briefly,
    describe_outcome,
    describe_outcome_and_examples,
    describe_outcome_briefly,
    describe_probability,
    describe_score,
    is_share,
    shown_score,
)
from tunesmith.server.text.searches import (
    SEARCHING,
    Scale,
    describe_arm,
    describe_batch,
    describe_chance,
    describe_leader,
    describe_search_calls,
    scale_of,
)
from tunesmith.server.text.students import (
    describe_break_even_answers,
    describe_student,
    describe_students,
    describe_training_rows,
)
from tunesmith.server.text.training import (
    describe_dev_score_briefly,
    describe_step_briefly,
)

__all__ = [
    "SEARCHING",
    "Scale",
    "Weight",
    "describe_age",
    "describe_amount",
    "describe_arm",
    "describe_batch",
    "describe_break_even_answers",
    "describe_bytes",
    "describe_chance",
    "describe_count",
    "describe_dev_score_briefly",
    "describe_deviation",
    "describe_end",
    "describe_error_kind",
    "describe_estimated_examples",
    "describe_estimated_lm_calls",
    "describe_estimated_program_calls",
    "describe_estimated_time",
    "describe_estimated_tokens",
    "describe_event",
    "describe_exit",
    "describe_gain",
    "describe_gain_briefly",
    "describe_leader",
    "describe_megabytes",
    "describe_missing_search",
    "describe_outcome",
    "describe_outcome_and_examples",
    "describe_outcome_briefly",
    "describe_probability",
    "describe_progress",
    "describe_score",
    "describe_search_calls",
    "describe_seconds",
    "describe_spending",
    "describe_state",
    "describe_step_briefly",
    "describe_student",
    "describe_students",
    "describe_time",
    "describe_training_rows",
    "describe_usd",
    "describe_usd_at_most",
    "describe_work",
    "explain_missing_estimate",
    "explain_missing_result",
    "is_share",
    "scale_of",
    "shown_score",
]
