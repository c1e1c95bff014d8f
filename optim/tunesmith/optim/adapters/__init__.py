"""All that knows a prompt format or a version of dspy: what an adapter writes into a prompt and reads out of an
answer, which adapter is in force, and how an engine is asked."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
