"""A workspace made of texts: Python files as open documents, everything else on disk."""

from collections.abc import Mapping
from pathlib import Path
from textwrap import dedent

from tunesmith.server.artifacts.reader import ArtifactReader, LoadedArtifact
from tunesmith.server.offers.snapshot import Snapshot
from tunesmith.server.runs.snapshot import RunsSnapshot
from tunesmith.server.workspace.workspace import Workspace


def workspace_of(root: Path, files: dict[str, str]) -> Workspace:
    """Texts are dedented, a leading line break is dropped."""
    workspace = Workspace(root)
    for path, text in files.items():
        update(workspace, path, text)
    return workspace


def snapshot_of(
    workspace: Workspace, runs: RunsSnapshot, artifacts: Mapping[str, LoadedArtifact] | None = None
) -> Snapshot:
    """What a request would read now. `artifacts`: by default, those on disk."""
    here = workspace.snapshot()
    return Snapshot.of(here, runs, ArtifactReader().read(here) if artifacts is None else artifacts)


def update(workspace: Workspace, path: str, text: str) -> None:
    """Give a file a new text."""
    text = dedent(text.removeprefix("\n")) if text.startswith("\n") else text
    if path.endswith(".py"):
        workspace.index.update(path, text)
    else:
        file = workspace.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
