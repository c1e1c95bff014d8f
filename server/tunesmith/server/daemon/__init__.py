"""The daemon's process: listening, standalone, one connection."""

from tunesmith.server.daemon.standalone import serve_standalone

__all__ = [
    "serve_standalone",
]
