"""Which weights change, and which way suits a model, its data and the memory at hand."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
