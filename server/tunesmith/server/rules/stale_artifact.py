"""`stale-artifact`: the program changed since the artifact it loads was made. `missing-artifact`: there is none.

DSPy restores a state by position and name without a word about what no longer fits, so a renamed or moved field
silently spoils a saved program (dspy#9589, dspy#9949). The warning stands on the line that changed.
"""

from collections.abc import Iterator
from typing import Any

import msgspec
from msgspec import Struct

from tunesmith.server.artifacts import LoadedArtifact, candidate_paths
from tunesmith.server.edits import changes_since, unknown_names
from tunesmith.server.index import FingerprintChange, LoadFact, Program
from tunesmith.server.offers import Snapshot
from tunesmith.server.rules.rule import Diagnostic, Related
from tunesmith.server.rules.saved_state import diff_saved_state


class _Load(Struct, frozen=True, kw_only=True):
    """A `load` whose program and file are known."""

    source: str
    fact: LoadFact
    program: Program
    candidates: list[str]
    artifact: LoadedArtifact | None
    """None where no candidate exists."""


def find(snapshot: Snapshot, path: str) -> Iterator[Diagnostic]:
    """Every load of the workspace is compared, because what changed may stand in another file than its load."""
    seen: set[tuple[Any, str]] = set()
    for load in _loads(snapshot, path):
        for diagnostic in _diagnose(snapshot, load, path):
            if (diagnostic.span, diagnostic.message) not in seen:  # several loads of one file
                seen.add((diagnostic.span, diagnostic.message))
                yield diagnostic


def _loads(snapshot: Snapshot, path: str) -> Iterator[_Load]:
    for source in sorted(
        {path, *(source for artifact in snapshot.artifacts.values() for source in artifact.loaded_in)}
    ):
        facts = snapshot.index.facts(source)
        for fact in facts.loads if facts else []:
            candidates = candidate_paths(fact, source)
            known = [snapshot.artifacts[one] for one in candidates if one in snapshot.artifacts]
            if not candidates or len(known) < len(candidates) or fact.program is None:
                continue  # nobody knows which file, or it has not been looked for yet
            program = snapshot.index.resolve_program(source, fact.program, line=fact.span.line)
            if program is not None:
                found = next((artifact for artifact in known if artifact.exists), None)
                yield _Load(source=source, fact=fact, program=program, candidates=candidates, artifact=found)


def _diagnose(snapshot: Snapshot, load: _Load, path: str) -> Iterator[Diagnostic]:
    artifact = load.artifact
    if artifact is None or artifact.problem is not None:
        if load.source == path:
            yield _unreadable(load)
        return
    changes = [_on_name(snapshot, change) for change in _changes(artifact, load.program)]
    here = [change for change in changes if change.path == path]
    data = _data(snapshot, load, artifact)
    yield from (_changed(load, artifact, change, data) for change in here)
    if load.source != path:
        return
    if len(here) < len(changes):
        yield _changed_elsewhere(load, artifact, [change for change in changes if change.path != path], data)
    unknown = unknown_names(artifact.report, load.program) if artifact.report else load.program.dynamic
    if unknown and not changes:
        yield _undecided(load, artifact, unknown)


def _changes(artifact: LoadedArtifact, program: Program) -> list[FingerprintChange]:
    if artifact.report is None:
        return diff_saved_state(artifact.predictors, program)
    return changes_since(artifact.report, program)


def _on_name(snapshot: Snapshot, change: FingerprintChange) -> FingerprintChange:
    """A change that concerns a whole class stands on its name alone."""
    facts = snapshot.index.facts(change.path)
    modules = facts.modules if facts else []
    name = next((module.name_span for module in modules if module.span == change.span), change.span)
    return msgspec.structs.replace(change, span=name)


def _changed(load: _Load, artifact: LoadedArtifact, change: FingerprintChange, data: dict[str, Any]) -> Diagnostic:
    return Diagnostic(
        span=change.span,
        severity="warning",
        code="stale-artifact",
        message=f"{artifact.path} is stale: {_words(change)}. Tune again, or undo the change.",
        data={**data, "change": change.kind},
        related=[Related(path=load.source, span=load.fact.span, message=f"{artifact.path} is loaded here")],
    )


def _changed_elsewhere(
    load: _Load, artifact: LoadedArtifact, changes: list[FingerprintChange], data: dict[str, Any]
) -> Diagnostic:
    place = f"{changes[0].path}:{changes[0].span.line + 1}"
    more = f", and {len(changes) - 1} more" if len(changes) > 1 else ""
    return Diagnostic(
        span=load.fact.span,
        severity="information",
        code="stale-artifact",
        message=f"{artifact.path} is stale: {_words(changes[0])} ({place}){more}. Tune again.",
        data=data,
        related=[Related(path=change.path, span=change.span, message=change.message) for change in changes],
    )


def _undecided(load: _Load, artifact: LoadedArtifact, unknown: list[str]) -> Diagnostic:
    names = ", ".join(f"`{name}`" for name in unknown)
    return Diagnostic(
        span=load.fact.span,
        severity="hint",
        code="stale-artifact",
        message=f"Cannot tell whether {artifact.path} is stale: {names} can only be known at run time.",
    )


def _unreadable(load: _Load) -> Diagnostic:
    if load.artifact is None:
        places = " or ".join(load.candidates)
        message = f"There is no {places}: `load` will raise. Apply a run's result, or save the program there."
        return Diagnostic(span=load.fact.span, severity="warning", code="missing-artifact", message=message)
    message = f"{load.artifact.path} cannot be loaded: {load.artifact.problem}."
    return Diagnostic(span=load.fact.span, severity="warning", code="missing-artifact", message=message)


def _words(change: FingerprintChange) -> str:
    """What changed; with old and new where the sentence does not hold them."""
    old, new = _quoted(change.old), _quoted(change.new)
    if old and new and change.kind in ("instructions", "field-desc", "fields-reordered"):
        return f"{change.message} from {old} to {new}"
    return change.message


def _quoted(text: str | None) -> str | None:
    if text is None:
        return None
    line = " ".join(text.split())
    return f"“{line if len(line) <= 80 else line[:79] + '…'}”"


def _data(snapshot: Snapshot, load: _Load, artifact: LoadedArtifact) -> dict[str, Any]:
    """The target to tune again: the one the artifact names, or the one of this program."""
    named = artifact.report.report.target if artifact.report else None
    program = load.program
    same = [
        one.target.name
        for one in snapshot.targets
        if one.program and (one.program.path, one.program.name) == (program.path, program.name)
    ]
    target = named if any(one.target.name == named for one in snapshot.targets) else same[0] if same else None
    return {"artifact": artifact.path, **({"target": target} if target else {})}
