"""Where proposals, demo sets and the search meet: candidates as programs, their cells, the race, its conclusion."""

from tunesmith.optim.prompt_search.call_budget import (
    AUTO,
    FULL_EVALUATION_EVERY,
    MINIBATCH,
    CallPlan,
    plan_calls,
    prompt_call_ceiling,
    search_calls,
    trial_count,
)
from tunesmith.optim.prompt_search.cells import RETRIES
from tunesmith.optim.prompt_search.choices import Choices
from tunesmith.optim.prompt_search.conclusion import Conclusion, conclude
from tunesmith.optim.prompt_search.dspy_statistics import attach_statistics
from tunesmith.optim.prompt_search.examples import SearchProblem, split_for_search
from tunesmith.optim.prompt_search.grounded_proposer import GroundedProposer
from tunesmith.optim.prompt_search.headroom import level_zero, probe_headroom
from tunesmith.optim.prompt_search.race import Race

__all__ = [
    "AUTO",
    "FULL_EVALUATION_EVERY",
    "MINIBATCH",
    "RETRIES",
    "CallPlan",
    "Choices",
    "Conclusion",
    "GroundedProposer",
    "Race",
    "SearchProblem",
    "attach_statistics",
    "conclude",
    "level_zero",
    "plan_calls",
    "probe_headroom",
    "prompt_call_ceiling",
    "search_calls",
    "split_for_search",
    "trial_count",
]
