"""BootstrapFinetune: traces of a strong program become the weights of a small local model."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
