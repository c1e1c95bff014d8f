from .load import load_student as load_student
from .tuned_programs import tuned_program as tuned_program
from .tuned_programs import untuned_program as untuned_program
