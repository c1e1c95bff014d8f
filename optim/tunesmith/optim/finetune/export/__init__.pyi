from .formats import GGUF_FILE as GGUF_FILE
from .formats import Format as Format
from .formats import export_folder as export_folder
from .formats import exported as exported
