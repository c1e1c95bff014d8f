"""The bundled example, and the tour through it."""

from tunesmith.server.demo.tour import run_tour
from tunesmith.server.demo.tours import TOURS
from tunesmith.server.demo.workspace_copy import FolderInUse

__all__ = [
    "TOURS",
    "FolderInUse",
    "run_tour",
]
