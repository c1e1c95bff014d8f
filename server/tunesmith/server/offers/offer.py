"""What could be applied here: a run's result, held against the source."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from tunesmith.protocol import ArtifactReport
from tunesmith.server.artifacts import LoadedArtifact
from tunesmith.server.edits import Form, changes_since, describe_homes, possible_forms
from tunesmith.server.index import FingerprintChange
from tunesmith.server.offers.applied import Applied, find_applied
from tunesmith.server.target_discovery import FoundTarget
from tunesmith.server.workspace import WorkspaceSnapshot


@dataclass(frozen=True, eq=False, kw_only=True)
class Offer:
    """What the last run of a target that found something better has for it. Diagnostic, code action, hint and ghost
    text say it, each in its way; a part is worked out when the first of them asks, and once."""

    workspace: WorkspaceSnapshot
    loaded: Mapping[str, LoadedArtifact]
    """What `load` and `load_student` calls read, by path relative to the root."""
    found: FoundTarget
    artifact: ArtifactReport

    @property
    def target(self) -> str:
        """The target's name."""
        return self.found.target.name

    @property
    def run_id(self) -> str:
        """The run that made the artifact."""
        return self.artifact.report.run_id

    @cached_property
    def changes(self) -> list[FingerprintChange]:
        """What certainly changed in the program since the run started. Where anything did, nothing is to be applied."""
        return changes_since(self.artifact, self.found.program)

    @cached_property
    def applied(self) -> Applied:
        """How much of it the source gives already, and in which form."""
        return find_applied(self.workspace, self.found, self.artifact, self.loaded)

    @cached_property
    def forms(self) -> list[Form]:
        """The forms in which all of it may be written. `compose_edit` has the last word."""
        return possible_forms(self.workspace, self.found, self.artifact)

    @property
    def missing(self) -> list[str]:
        """The predictors whose new instruction the source does not give, in the artifact's order."""
        standing = self.applied.instructions
        return [one.predictor for one in self.artifact.instructions if one.predictor not in standing]

    @cached_property
    def homes(self) -> dict[str, str]:
        """Where each missing instruction would be written alone, to follow a verb; empty where nowhere. Dear: it looks
        at every file that speaks of a signature."""
        return describe_homes(self.workspace, self.found, self.artifact, self.missing)
