"""The ways to the daemon: joining or starting it, forwarding bytes, talking to it, and where it lies."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
