"""A workspace read by this process, for verbs that need no daemon."""

from pathlib import Path

from tunesmith.server.artifacts import ArtifactReader
from tunesmith.server.client import state_dir
from tunesmith.server.offers import Snapshot
from tunesmith.server.runs import RunCatalog
from tunesmith.server.workspace import Workspace, WorkspaceSnapshot


def read_workspace(root: Path) -> WorkspaceSnapshot:
    """The workspace as it lies on disk, indexed."""
    workspace = Workspace(root)
    workspace.refresh()
    return workspace.snapshot()


def read_snapshot(root: Path, runs: RunCatalog) -> Snapshot:
    """All that rules and features look at."""
    workspace = read_workspace(root)
    return Snapshot.of(workspace, runs.snapshot(root), ArtifactReader().read(workspace))


def read_runs() -> RunCatalog:
    """Whether a run is going is seen by its folder's lock."""
    return RunCatalog(state_dir(), is_executing=lambda _: False)
