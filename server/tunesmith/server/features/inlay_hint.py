"""`textDocument/inlayHint`: beside each predictor, what tuning gave it or would give it."""

from collections.abc import Iterator
from pathlib import PurePath

from msgspec import Struct

from tunesmith.protocol import ArtifactReport, StudentInfo
from tunesmith.server.edits import changes_since
from tunesmith.server.index import FingerprintChange, Span
from tunesmith.server.offers import Applied, Snapshot
from tunesmith.server.target_discovery import FoundTarget
from tunesmith.server.text import describe_date, describe_gain_briefly, describe_outcome_and_examples, is_share

_LONGEST = 60
"""Characters of a name in a hint. What an artifact says may come from anywhere."""


class Hint(Struct, frozen=True, kw_only=True):
    """Words beside a predictor (LSP, `InlayHint`)."""

    offset: int
    """Right after the predictor's construction."""
    label: str
    """`4 demos · +67 (55 to 79) · local/smollm2-135m`, or `apply: …`. VS Code cuts it at 43 characters."""
    tooltip: str
    """Plain text."""


class _Outcome(Struct, frozen=True, kw_only=True):
    """The artifact a target's hints speak of, and how much of it the source gives."""

    target: str
    artifact: ArtifactReport
    loaded_from: str | None
    """The file the code loads it from."""
    applied: Applied | None
    """What of it the source gives; None where it is loaded."""
    changes: list[FingerprintChange]
    """What makes it stale."""
    newer: str | None
    """A later run, not applied."""


def inlay_hints(snapshot: Snapshot, path: str, start: int, end: int) -> list[Hint]:
    """The hints of `[start, end]` in a file, in its order: of what the code loads or says, else of the newest run.

    A predictor that the artifact leaves as it is has none. Hints that share a place are named.
    """
    facts, text = snapshot.index.facts(path), snapshot.index.text(path)
    if facts is None or text is None:
        return []
    places: dict[int, list[tuple[_Outcome, str]]] = {}
    for found in snapshot.targets:
        here = [
            one
            for one in (found.program.predictors if found.program else ())
            if one.path == path and start <= one.span.end <= end and (not facts.broken or _is_call(text, one.span))
        ]
        outcome = _find_outcome(snapshot, found) if here else None
        for one in here if outcome is not None else ():
            assert outcome is not None
            if _changes_of(outcome.artifact, one.name) or _student_of(outcome.artifact, one.name):
                places.setdefault(one.span.end, []).append((outcome, one.name))
    return [
        Hint(
            offset=offset,
            label=f"{_head(outcome, predictor, shown)}{_label(outcome, predictor)}",
            tooltip="\n".join(map(_visible, _tooltip(outcome, predictor))),
        )
        for offset, shown in sorted(places.items())
        for outcome, predictor in shown
    ]


def _is_call(text: str, span: Span) -> bool:
    """Spans of a broken file are those of its last good text, and may have moved."""
    before, here = text[max(span.start - 1, 0) : span.start], text[span.start : span.end]
    return not (before.isidentifier() or before == ".") and here[:1].isidentifier() and here.endswith(")")


def _find_outcome(snapshot: Snapshot, found: FoundTarget) -> _Outcome | None:
    """None where nothing is known, and of a run that was never applied and no longer could be."""
    name = found.target.name
    offer = snapshot.offer_of(name)
    tuned = offer.artifact if offer is not None else None
    if offer is None or offer.applied.form in (None, "load"):
        loaded = [
            (one.report, one.path)
            for one in snapshot.artifacts.values()
            if one.report and one.report.report.target == name
        ]
        if loaded:
            report, file = max(loaded, key=lambda one: one[0].created)
            later = tuned is not None and tuned.report.run_id != report.report.run_id and tuned.created > report.created
            return _Outcome(
                target=name,
                artifact=report,
                loaded_from=file,
                applied=None,
                changes=changes_since(report, found.program),
                newer=tuned.report.run_id if tuned is not None and later else None,
            )
    if offer is None or (offer.changes and offer.applied.form is None):
        return None
    return _Outcome(
        target=name,
        artifact=offer.artifact,
        loaded_from=None,
        applied=offer.applied,
        changes=offer.changes,
        newer=None,
    )


def _changes_of(artifact: ArtifactReport, predictor: str) -> list[str]:
    """What the artifact gives a predictor: `instruction`, `4 demos`."""
    demos = sum(demo.predictor == predictor for demo in artifact.demos)
    return [
        *(["instruction"] if any(one.predictor == predictor for one in artifact.instructions) else []),
        *([f"{demos} demo{'s' if demos > 1 else ''}"] if demos else []),
    ]


def _label(outcome: _Outcome, predictor: str) -> str:
    report, student = outcome.artifact.report, _student_of(outcome.artifact, predictor)
    parts = ["stale"] if outcome.changes else []
    parts.append(", ".join(_changes_of(outcome.artifact, predictor)))
    if report.gain is not None and report.tuned is not None and not outcome.changes:
        parts.append(describe_gain_briefly(report.gain, share=is_share(report.tuned)))
    if student is not None:
        parts.append(_short_model(student))
    return " · ".join(filter(None, parts))


def _tooltip(outcome: _Outcome, predictor: str) -> Iterator[str]:
    report = outcome.artifact.report
    yield f"{outcome.target} as a whole: {describe_outcome_and_examples(report)} (run {report.run_id}{_date(outcome)})."
    student = _student_of(outcome.artifact, predictor)
    model = [f"the model {student.path} ({student.method} of {student.model})"] if student is not None else []
    yield f"For {predictor}: {', '.join([*_changes_of(outcome.artifact, predictor), *model])}."
    if outcome.changes:
        first, *others = outcome.changes
        more = f", and {len(others)} more" if others else ""
        yield f"Stale: {first.message} ({first.path}:{first.span.line + 1}){more}. Tune {outcome.target} again."
    if outcome.loaded_from is not None:
        yield f"Loaded from {outcome.loaded_from}."
    elif _stands(outcome, predictor):
        yield "Written in the source."
    else:
        yield "Not applied: the code actions where the program is constructed apply it."
    if outcome.newer is not None:
        yield f"Run {outcome.newer} is newer, and not applied."


def _stands(outcome: _Outcome, predictor: str) -> bool:
    """Whether the source gives this predictor what the artifact has for it."""
    artifact, applied = outcome.artifact, outcome.applied
    if applied is None or applied.form is not None:
        return True
    if artifact.students:
        return False
    instructed = any(one.predictor == predictor for one in artifact.instructions)
    shown = any(demo.predictor == predictor for demo in artifact.demos)
    return (not instructed or predictor in applied.instructions) and (not shown or applied.demos)


def _head(outcome: _Outcome, predictor: str, here: list[tuple[_Outcome, str]]) -> str:
    """What is to be done, and what distinguishes a hint from others at its place: `apply agent.react: `."""
    targets, predictors = {one.target for one, _ in here}, {name for _, name in here}
    names = [*([outcome.target] if len(targets) > 1 else []), *([predictor] if len(predictors) > 1 else [])]
    words = [*([] if _stands(outcome, predictor) else ["apply"]), *([_short(" ".join(names))] if names else [])]
    return f"{' '.join(words)}: " if words else ""


def _student_of(artifact: ArtifactReport, predictor: str) -> StudentInfo | None:
    return next((one for one in artifact.students if predictor in one.tasks), None)


def _short_model(student: StudentInfo) -> str:
    """A model in a folder by that folder's name."""
    path = PurePath(student.model)
    return _short(path.name if path.is_absolute() else student.model)


def _date(outcome: _Outcome) -> str:
    date = describe_date(outcome.artifact.created)
    return f", {date}" if date else ""


def _visible(text: str) -> str:
    return "".join(one if one.isprintable() else " " for one in text)


def _short(text: str) -> str:
    """On one line, and not endless."""
    shown = _visible(text)
    return shown if len(shown) <= _LONGEST else f"{shown[: _LONGEST - 1]}…"
