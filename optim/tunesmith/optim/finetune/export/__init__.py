"""Students for other engines: a merged Hugging Face folder, CTranslate2, GGUF."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
