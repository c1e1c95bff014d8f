"""What a run will cost, before any call is made: its program calls, its prompts, prices, and what earlier runs took."""

from tunesmith.optim.cost.estimate import estimate_cost, within_budget
from tunesmith.optim.cost.evidence import Evidence, gather_evidence
from tunesmith.optim.cost.past_runs import PastRun, find_past_run
from tunesmith.optim.cost.prices import price_of
from tunesmith.optim.cost.program_calls import Part, ProgramCalls

__all__ = [
    "Evidence",
    "Part",
    "PastRun",
    "ProgramCalls",
    "estimate_cost",
    "find_past_run",
    "gather_evidence",
    "price_of",
    "within_budget",
]
