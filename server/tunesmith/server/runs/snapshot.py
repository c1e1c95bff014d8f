"""What language features know of runs: of all runs of a root those an editor shows, at one moment."""

from collections import defaultdict
from collections.abc import Iterable

from msgspec import Struct

from tunesmith.protocol import UNDER_WAY_STATUSES, ArtifactReport, RunSummary
from tunesmith.server.runs.reading import ReadRun


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
    """The runs of one root."""

    targets: dict[str, TargetRuns]
    """By target name."""

    def of(self, target: str) -> TargetRuns:
        """Of a target by name; all None for one without runs."""
        return self.targets.get(target) or TargetRuns(running=None, evaluated=None, tuned=None, artifact=None)


def take_snapshot(runs: Iterable[ReadRun]) -> RunsSnapshot:
    """Choose what an editor shows of a root's runs."""
    by_target: defaultdict[str, list[ReadRun]] = defaultdict(list)
    for run in sorted(runs, key=lambda run: (run.summary.created, run.summary.run_id), reverse=True):
        by_target[run.summary.target].append(run)
    return RunsSnapshot(targets={target: _of_target(newest_first) for target, newest_first in by_target.items()})


def _of_target(newest_first: list[ReadRun]) -> TargetRuns:
    under_way = [run.summary for run in newest_first if run.summary.status in UNDER_WAY_STATUSES]
    finished = [run for run in newest_first if run.summary.status == "finished" and run.summary.report]
    tuned = next((run for run in finished if run.summary.report and run.summary.report.artifact), None)
    return TargetRuns(
        # The one that works, rather than one that waits behind it.
        running=next((one for one in under_way if one.status == "running"), under_way[0] if under_way else None),
        evaluated=finished[0].summary if finished else None,
        tuned=tuned.summary if tuned else None,
        artifact=tuned.artifact if tuned else None,
    )
