"""STAND-IN by the lead, uncommitted, so that the worker imports: overwrite this file with the real one."""

from pathlib import Path
from typing import Any


class StudyJournal:
    def __init__(self, path: Path) -> None:
        self.path = path

    def update(self, search: Any) -> None:
        """Append what is new."""
