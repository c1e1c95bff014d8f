"""A folder as the daemon knows it: its index, configuration and targets; and all the folders it knows."""

from tunesmith.server.workspace.folders import Folders, canonical, root_of
from tunesmith.server.workspace.workspace import UnknownTarget, Workspace

__all__ = [
    "Folders",
    "UnknownTarget",
    "Workspace",
    "canonical",
    "root_of",
]
