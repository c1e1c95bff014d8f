"""What language features know of runs: a plain picture taken at one moment."""

from msgspec import Struct

from tunesmith.protocol import ArtifactReport, RunSummary


class TargetRuns(Struct, frozen=True, kw_only=True):
    """The runs of one target that matter to an editor."""

    running: RunSummary | None
    """Queued, running, or waiting for credentials."""
    evaluated: RunSummary | None
    """The newest finished run of any optimizer: its report holds the latest score."""
    tuned: RunSummary | None
    """The newest finished optimization that ships something."""
    artifact: ArtifactReport | None
    """Of `tuned`."""


class RunsSnapshot(Struct, frozen=True, kw_only=True):
    targets: dict[str, TargetRuns]
    """By target name."""

    def of(self, target: str) -> TargetRuns:
        return self.targets.get(target) or TargetRuns(running=None, evaluated=None, tuned=None, artifact=None)
