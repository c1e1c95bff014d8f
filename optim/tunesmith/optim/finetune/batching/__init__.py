"""How rows become batches: as token ids, side by side by length, or packed behind one copy of what they share."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
