from .optimizer import BootstrapFewShot as BootstrapFewShot
from .plan import TeachingPlan as TeachingPlan
from .plan import plan_teaching as plan_teaching
from .worker_side import WORKER_SIDE as WORKER_SIDE
