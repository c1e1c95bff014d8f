"""`improvement-available`: a run found a better program that the source does not use yet."""

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from tunesmith.protocol import ArtifactReport
from tunesmith.server.edits.applied import applied_form
from tunesmith.server.edits.forms import possible_forms
from tunesmith.server.edits.staleness import changes_since
from tunesmith.server.rules.rule import Artifacts, Diagnostic
from tunesmith.server.runs.snapshot import RunsSnapshot
from tunesmith.server.score_text import describe_outcome
from tunesmith.server.targets.found import FoundTarget

if TYPE_CHECKING:
    from tunesmith.server.workspace import Workspace


def find_improvements(
    workspace: "Workspace", runs: RunsSnapshot, artifacts: Artifacts, path: str
) -> Iterator[Diagnostic]:
    """On the statement that constructs the program, else on the target's anchor. Silent where it would be stale."""
    for found in workspace.targets():
        constructed = found.construction is not None and found.construction_path is not None
        place = found.construction_path if constructed else found.path
        artifact = runs.of(found.target.name).artifact
        if place != path or artifact is None or changes_since(artifact, found.program):
            continue
        if applied_form(workspace, found, artifact, artifacts) is not None:
            continue
        yield Diagnostic(
            span=found.construction.span if found.construction and constructed else found.anchor,
            severity="information",
            code="improvement-available",
            message=_message(found, artifact),
            data={
                "target": found.target.name,
                "run_id": artifact.report.run_id,
                "forms": possible_forms(workspace, found, artifact),
            },
        )


def _message(found: FoundTarget, artifact: ArtifactReport) -> str:
    counts = Counter(demo.predictor for demo in artifact.demos)
    demos = ", ".join(f"{count} for {name}" for name, count in counts.items())
    what = f" It adds demos: {demos}." if demos else ""
    return f"{found.target.name} can be improved: {describe_outcome(artifact.report)}.{what}"
