"""The command line. One file a verb; only the chosen verb's module is imported."""

from tunesmith.server.cli.dispatch import main

__all__ = ["main"]
