from .break_even import break_even_by_use as break_even_by_use
from .cost import TeacherCalls as TeacherCalls
from .cost import TokenPrice as TokenPrice
from .cost import listed_price as listed_price
from .expected_rows import expected_sizes as expected_sizes
from .forecast import Forecast as Forecast
from .report import config_of as config_of
from .report import estimate_finetune as estimate_finetune
