from .arms import ANSWERS_AT_ONCE as ANSWERS_AT_ONCE
from .arms import Arm as Arm
from .conclusion import Conclusion as Conclusion
from .conclusion import conclude as conclude
from .conclusion import give_up as give_up
