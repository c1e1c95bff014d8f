from .bootstrap_fewshot import BootstrapFewShot as BootstrapFewShot
from .bootstrap_finetune import BootstrapFinetune as BootstrapFinetune
from .finetune.serving import load_student as load_student
from .mipro_v2 import BootstrapFewShotWithRandomSearch as BootstrapFewShotWithRandomSearch
from .mipro_v2 import MIPROv2 as MIPROv2
from .outcome import TuneOutcome as TuneOutcome
