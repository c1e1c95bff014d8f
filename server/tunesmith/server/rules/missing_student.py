"""`missing-student`: a `load_student` reads a folder that is gone or incomplete. `stale-student`: the program changed
since that student was trained, or the folder holds another one.

A student learned the very prompts of its program: other fields or instructions are prompts it has never seen.
"""

from collections.abc import Iterator

from tunesmith.protocol import ArtifactReport
from tunesmith.protocol.folder_layout import artifact_beside
from tunesmith.server.artifacts import LoadedArtifact, candidate_paths
from tunesmith.server.edits import changes_since
from tunesmith.server.index import Program, StudentFact
from tunesmith.server.offers import Snapshot
from tunesmith.server.rules.rule import Diagnostic, Related


def find(snapshot: Snapshot, path: str) -> Iterator[Diagnostic]:
    """On the path's expression. Silent where the path is computed, or the folder is ours in no way."""
    facts = snapshot.index.facts(path)
    for fact in facts.students if facts else []:
        candidates = candidate_paths(fact, path)
        known = [snapshot.artifacts[one] for one in candidates if one in snapshot.artifacts]
        if not candidates or len(known) < len(candidates):
            continue  # nobody knows which folder, or it has not been looked for yet
        found = next((one for one in known if one.exists), None)
        report = _applied_with(snapshot, found.path if found else candidates[0])
        if found is None or found.problem is not None:
            yield _missing(snapshot, fact, found, candidates, report)
        elif report is not None and (diagnostic := _stale(snapshot, fact, found, report)) is not None:
            yield diagnostic


def _applied_with(snapshot: Snapshot, folder: str) -> ArtifactReport | None:
    """The report of the artifact that lies beside a student's folder, where it is the one of this student."""
    beside = artifact_beside(folder)
    artifact = snapshot.artifacts.get(beside) if beside is not None else None
    report = artifact.report if artifact is not None else None
    return report if report is not None and any(student.path == folder for student in report.students) else None


def _missing(
    snapshot: Snapshot,
    fact: StudentFact,
    found: LoadedArtifact | None,
    candidates: list[str],
    report: ArtifactReport | None,
) -> Diagnostic:
    trouble = (
        f"There is no {' or '.join(candidates)}: `load_student` will raise."
        if found is None
        else f"{found.path} cannot be loaded: {found.problem}."
    )
    run = f"run {report.report.run_id}" if report is not None else "its run"
    return Diagnostic(
        span=fact.span,
        severity="warning",
        code="missing-student",
        message=f"{trouble} Apply {run} again, or copy the folder from where it is whole: commits leave weights out.",
        data=_data(snapshot, report),
    )


def _stale(snapshot: Snapshot, fact: StudentFact, found: LoadedArtifact, report: ArtifactReport) -> Diagnostic | None:
    changes = changes_since(report, _program(snapshot, report))
    trained = next(student for student in report.students if student.path == found.path)
    if changes:
        place = f"{changes[0].path}:{changes[0].span.line + 1}"
        more = f", and {len(changes) - 1} more" if len(changes) > 1 else ""
        message = f"{found.path} was trained for another program: {changes[0].message} ({place}){more}. Tune again."
    elif found.student is not None and found.student.fingerprint != trained.fingerprint:
        message = f"{found.path} holds another model than run {report.report.run_id} made. Apply that run again."
    else:
        return None
    return Diagnostic(
        span=fact.span,
        severity="warning",
        code="stale-student",
        message=message,
        data=_data(snapshot, report),
        related=[Related(path=change.path, span=change.span, message=change.message) for change in changes],
    )


def _program(snapshot: Snapshot, report: ArtifactReport) -> Program | None:
    name = report.report.target
    return next((found.program for found in snapshot.targets if found.target.name == name), None)


def _data(snapshot: Snapshot, report: ArtifactReport | None) -> dict[str, str]:
    """The target to tune again, where it is still one."""
    name = report.report.target if report is not None else None
    return {"target": name} if name and any(found.target.name == name for found in snapshot.targets) else {}
