"""The static index: text → syntax → facts → resolved programs. Reads files, executes nothing."""

from tunesmith.server.index.index import Index

__all__ = ["Index"]
