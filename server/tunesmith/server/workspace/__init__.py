"""A folder as the daemon knows it: its index, configuration and targets; and all the folders it knows."""

from tunesmith.server.workspace.folders import Folders, canonical, root_of
from tunesmith.server.workspace.snapshot import UnknownTarget, WorkspaceSnapshot
from tunesmith.server.workspace.workspace import Workspace

__all__ = [
    "Folders",
    "UnknownTarget",
    "Workspace",
    "WorkspaceSnapshot",
    "canonical",
    "root_of",
]
