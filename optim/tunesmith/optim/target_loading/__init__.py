"""From a target to the program, metric and data it names: importing, capturing, reading."""

from tunesmith.optim.target_loading.resolve import Resolved, resolve_target

__all__ = ["Resolved", "resolve_target"]
