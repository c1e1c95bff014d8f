"""All that knows a prompt format: what an adapter writes into a prompt and reads out of an answer."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
