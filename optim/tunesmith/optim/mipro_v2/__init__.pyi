from .optimizer import MIPROv2 as MIPROv2
from .plan import search_calls_of as search_calls_of
from .random_search import BootstrapFewShotWithRandomSearch as BootstrapFewShotWithRandomSearch
from .worker_side import search_prompts as search_prompts
