from .optimizer import BootstrapFinetune as BootstrapFinetune
from .plan import finetune_calls as finetune_calls
from .plan import finetune_estimate as finetune_estimate
from .plan import split_for_finetune as split_for_finetune
from .worker_side import finetune as finetune
