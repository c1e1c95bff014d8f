"""Tunesmith's optimizers: drop-ins for dspy's, run by scripts and by the daemon's worker alike.

Names resolve when first used, so that importing this package costs nothing: dspy is loaded with the first optimizer.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
