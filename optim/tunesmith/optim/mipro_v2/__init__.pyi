from .optimizer import MIPROv2 as MIPROv2
from .plan import SearchPlan as SearchPlan
from .plan import Trials as Trials
from .plan import plan_search as plan_search
from .random_search import BootstrapFewShotWithRandomSearch as BootstrapFewShotWithRandomSearch
from .worker_side import WORKER_SIDE as WORKER_SIDE
