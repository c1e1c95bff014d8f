from .optimizer import BootstrapFinetune as BootstrapFinetune
from .plan import FinetunePlan as FinetunePlan
from .plan import plan_finetune as plan_finetune
from .worker_side import WORKER_SIDE as WORKER_SIDE
