"""Local models: as an LM (`resolve_lm`), as a loopback server (`serve`), and with answers that always fit
(`ConstrainedAdapter`)."""

from tunesmith.optim.adapters.constrained_adapter import ConstrainedAdapter
from tunesmith.optim.local_lms.resolve import resolve_lm
from tunesmith.optim.local_lms.server import LocalRuntimeMissing, LocalServer, serve

__all__ = ["ConstrainedAdapter", "LocalRuntimeMissing", "LocalServer", "resolve_lm", "serve"]
