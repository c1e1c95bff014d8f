from .exports import GGUF_FILE as GGUF_FILE
from .exports import Format as Format
from .exports import export_folder as export_folder
from .exports import exported as exported
