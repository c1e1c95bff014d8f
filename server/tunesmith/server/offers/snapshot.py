"""The one picture that a request reads: the code, what was run on it, and what it loads, taken at one moment."""

from collections.abc import Mapping
from typing import Self

from tunesmith.server.artifacts import LoadedArtifact
from tunesmith.server.offers.offer import Offer
from tunesmith.server.runs import RunsSnapshot
from tunesmith.server.workspace import WorkspaceSnapshot


class Snapshot(WorkspaceSnapshot, frozen=True, kw_only=True):
    """What rules and features are given."""

    runs: RunsSnapshot
    artifacts: Mapping[str, LoadedArtifact]
    """What `load` and `load_student` calls read, by path relative to the root."""
    offers: list[Offer]
    """Of the targets for which a run found something, in the order of `targets`."""

    @classmethod
    def of(cls, workspace: WorkspaceSnapshot, runs: RunsSnapshot, artifacts: Mapping[str, LoadedArtifact]) -> Self:
        """All of it at one moment; reads nothing more. `artifacts`: as `ArtifactReader.read` gives them."""
        return cls(
            root=workspace.root,
            index=workspace.index,
            targets=workspace.targets,
            settings=workspace.settings,
            problems=workspace.problems,
            runs=runs,
            artifacts=artifacts,
            offers=[
                Offer(workspace=workspace, loaded=artifacts, found=found, artifact=artifact)
                for found in workspace.targets
                if (artifact := runs.of(found.target.name).artifact) is not None
            ],
        )

    def offer_of(self, target: str) -> Offer | None:
        """What there is for the target of this name."""
        return next((offer for offer in self.offers if offer.target == target), None)
