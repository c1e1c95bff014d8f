"""A workspace read by this process, for verbs that need no daemon."""

from pathlib import Path

from tunesmith.server.client import state_dir
from tunesmith.server.runs import RunCatalog
from tunesmith.server.workspace import Workspace


def read_workspace(root: Path) -> Workspace:
    workspace = Workspace(root)
    workspace.refresh()
    return workspace


def read_runs() -> RunCatalog:
    """Whether a run is going is seen by its folder's lock."""
    return RunCatalog(state_dir(), is_executing=lambda _: False)
