from .resolve import resolve_lm as resolve_lm
from .server import SLOT_TOKENS as SLOT_TOKENS
from .server import LocalRuntimeMissing as LocalRuntimeMissing
from .server import LocalServer as LocalServer
from .server import compute_threads as compute_threads
from .server import serve as serve
from .server import serve_file as serve_file
