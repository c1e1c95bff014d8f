from .optimizer import BootstrapFewShot as BootstrapFewShot
from .plan import bootstrap_calls as bootstrap_calls
from .worker_side import TEACHER_ROUNDS as TEACHER_ROUNDS
from .worker_side import bootstrap as bootstrap
from .worker_side import teaching_data as teaching_data
