"""`improvement-available`: a run found a better program that the source does not use yet, or not all of it."""

from collections import Counter
from collections.abc import Collection, Iterator
from pathlib import PurePath

from tunesmith.protocol import ArtifactReport
from tunesmith.server.edits import changes_since
from tunesmith.server.offers import Applied, Snapshot, find_applied, possible_forms
from tunesmith.server.rules.rule import Diagnostic
from tunesmith.server.target_discovery import FoundTarget
from tunesmith.server.text import describe_outcome, describe_students


def find_improvements(snapshot: Snapshot, path: str) -> Iterator[Diagnostic]:
    """On the statement that constructs the program, else on the target's anchor. Silent where it would be stale."""
    for found in snapshot.targets:
        constructed = found.construction is not None and found.construction_path is not None
        place = found.construction_path if constructed else found.path
        artifact = snapshot.runs.of(found.target.name).artifact
        if place != path or artifact is None or changes_since(artifact, found.program):
            continue
        applied = find_applied(snapshot, found, artifact, snapshot.artifacts)
        if applied.form is not None:
            continue
        yield Diagnostic(
            span=found.construction.span if found.construction and constructed else found.anchor,
            severity="information",
            code="improvement-available",
            message=_message(snapshot, found, artifact, applied),
            data={
                "target": found.target.name,
                "run_id": artifact.report.run_id,
                "forms": possible_forms(snapshot, found, artifact),
                "instructions": applied.missing(artifact),
            },
        )


def _message(snapshot: Snapshot, found: FoundTarget, artifact: ArtifactReport, applied: Applied) -> str:
    report = artifact.report
    searched = ", on the examples the search chose on" if report.searched and report.gain is not None else ""
    told = f"{found.target.name} can be improved: {describe_outcome(report)}{searched}."
    if artifact.students:
        told = f"{told} {describe_students(PurePath(snapshot.root), artifact)}"
    instructions = applied.missing(artifact)
    changes = []
    if instructions:
        new = "new instructions" if len(instructions) > 1 else "a new instruction"
        changes.append(f"{new} for {_listed(instructions)}")
    if artifact.demos and not applied.demos:
        counts = Counter(demo.predictor for demo in artifact.demos)
        changes.append(f"demos: {', '.join(f'{count} for {name}' for name, count in counts.items())}")
    return f"{told} It adds {'; '.join(changes)}." if changes else told


def _listed(names: Collection[str]) -> str:
    *others, last = names
    return f"{', '.join(others)} and {last}" if others else last
