"""How things look in a terminal. Plain structs in, text out; no I/O beyond the console."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
