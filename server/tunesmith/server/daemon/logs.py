"""The log of a daemon or a standalone server. It holds no prompt, source text, environment or key."""

import logging
from logging.handlers import RotatingFileHandler
from pathlib import Path

from tunesmith.server.client import state_dir

LARGEST = 2 << 20
KEPT = 3


def log_to_file(name: str) -> Path:
    """Send the process's log to `name` in the state folder, rotated, and return its path."""
    path = state_dir() / name
    handler = RotatingFileHandler(path, maxBytes=LARGEST, backupCount=KEPT, encoding="utf-8", delay=True)
    handler.setFormatter(logging.Formatter("%(asctime)s %(process)d %(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    return path
