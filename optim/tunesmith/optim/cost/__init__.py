"""What calls will cost, before any is made: sizes of prompts, prices, and what earlier runs took."""

from tunesmith.optim.adapters.prompt_sizes import PromptSize, measure_prompts
from tunesmith.optim.cost.past_runs import PastRun, find_past_run
from tunesmith.optim.cost.prices import price_of

__all__ = ["PastRun", "PromptSize", "find_past_run", "measure_prompts", "price_of"]
