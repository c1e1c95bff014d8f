"""The one picture that a request reads: the code, what was run on it, and what it loads, taken at one moment."""

from collections.abc import Mapping
from typing import Self

from tunesmith.server.artifacts import LoadedArtifact
from tunesmith.server.runs import RunsSnapshot
from tunesmith.server.workspace import WorkspaceSnapshot


class Snapshot(WorkspaceSnapshot, frozen=True, kw_only=True):
    """What rules and features are given."""

    runs: RunsSnapshot
    artifacts: Mapping[str, LoadedArtifact]
    """What `load` and `load_student` calls read, by path relative to the root."""

    @classmethod
    def of(cls, workspace: WorkspaceSnapshot, runs: RunsSnapshot, artifacts: Mapping[str, LoadedArtifact]) -> Self:
        return cls(
            root=workspace.root,
            index=workspace.index,
            targets=workspace.targets,
            settings=workspace.settings,
            problems=workspace.problems,
            runs=runs,
            artifacts=artifacts,
        )
