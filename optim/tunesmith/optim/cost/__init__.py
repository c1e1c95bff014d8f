"""What calls will cost, before any is made: sizes of prompts, prices, and what earlier runs took."""

from tunesmith.optim.cost.past_runs import PastRun, find_past_run
from tunesmith.optim.cost.prices import price_of
from tunesmith.optim.cost.program_calls import Part, ProgramCalls, evaluation_calls

__all__ = [
    "Part",
    "PastRun",
    "ProgramCalls",
    "evaluation_calls",
    "find_past_run",
    "price_of",
]
