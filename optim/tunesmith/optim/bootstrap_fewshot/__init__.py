"""BootstrapFewShot: demonstrations learned from the program's own successes."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
