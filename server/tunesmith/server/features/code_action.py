"""`textDocument/codeAction`: apply what a run found, or tune again."""

from collections.abc import Iterator
from typing import Any, Literal

from msgspec import Struct

from tunesmith.server.edits import Form
from tunesmith.server.features.diagnostics import diagnose
from tunesmith.server.index import Span
from tunesmith.server.offers import Applied, Offer, Snapshot
from tunesmith.server.rules import Diagnostic
from tunesmith.server.target_discovery import FoundTarget
from tunesmith.server.text import describe_outcome_briefly


class Action(Struct, frozen=True, kw_only=True):
    """Either an edit to compose on demand (`run_id`, `form` and `predictor`), or a command."""

    title: str
    kind: Literal["quickfix", "refactor.rewrite"]
    target: str
    run_id: str | None = None
    form: Form | None = None
    predictor: str | None = None
    """With `instructions`: its instruction alone."""
    command: str | None = None
    arguments: list[dict[str, Any]] = []
    copies_models: bool = False
    """Folders are copied too, which no edit of a client can."""
    is_preferred: bool = False
    codes: list[str] = []
    """Codes of the diagnostics it settles."""


def code_actions(
    snapshot: Snapshot,
    path: str,
    start: int,
    end: int,
) -> list[Action]:
    """What can be done in `[start, end]` of a file, code points both."""
    here = [one for one in diagnose(snapshot, path) if _touches(one.span, start, end)]
    actions = [action for one in here for action in _settling(snapshot, one)]
    actions += _switching(snapshot, path, start, end)
    return list({(action.title, action.target): action for action in actions}.values())


def _settling(snapshot: Snapshot, diagnostic: Diagnostic) -> Iterator[Action]:
    target = diagnostic.data.get("target")
    if target is None:
        return
    if diagnostic.code in ("stale-artifact", "stale-student", "missing-student"):
        yield Action(
            title=f"Tune {target} again",
            kind="quickfix",
            target=target,
            command="tunesmith.tune",
            arguments=[{"root": str(snapshot.root), "target": target}],
            codes=[diagnostic.code],
        )
    offer = snapshot.offer_of(target)
    if diagnostic.code == "improvement-available" and offer is not None:
        yield from _applying(offer, diagnostic.code)


def _applying(offer: Offer, code: str) -> Iterator[Action]:
    """All of it in each form, then each missing instruction alone."""
    for form in offer.forms:
        yield Action(
            title=_title(offer, form, offer.applied),
            kind="quickfix",
            target=offer.target,
            run_id=offer.run_id,
            form=form,
            copies_models=bool(offer.artifact.students),
            is_preferred=form == "load",
            codes=[code],
        )
    if "instructions" not in offer.forms or len(offer.missing) < 2:
        return
    for predictor, home in offer.homes.items():
        yield Action(
            title=f"Write the new instruction of `{predictor}` {home}",
            kind="quickfix",
            target=offer.target,
            run_id=offer.run_id,
            form="instructions",
            predictor=predictor,
            codes=[code],
        )


def _switching(snapshot: Snapshot, path: str, start: int, end: int) -> Iterator[Action]:
    """An applied artifact can change its form: from a file that is loaded to the source alone, and back."""
    for offer in snapshot.offers:
        if not _is_constructed_at(offer.found, path, start, end) or offer.changes or offer.applied.form is None:
            continue
        for form in offer.forms:
            if form != offer.applied.form:
                yield Action(
                    title=_title(offer, form, None),
                    kind="refactor.rewrite",
                    target=offer.target,
                    run_id=offer.run_id,
                    form=form,
                    copies_models=bool(offer.artifact.students),
                )


def _is_constructed_at(found: FoundTarget, path: str, start: int, end: int) -> bool:
    construction = found.construction
    return construction is not None and found.construction_path == path and _touches(construction.span, start, end)


def _title(offer: Offer, form: Form, applied: Applied | None) -> str:
    """`applied`: what stands already and need not be written; None: all is."""
    artifact, outcome = offer.artifact, describe_outcome_briefly(offer.artifact.report)
    change = f" ({outcome})" if outcome else ""
    if form == "load":
        models = " and its finetuned model" if artifact.students else ""
        return f"Load the compiled program{models}{change}"
    instructions = len(offer.missing if applied else artifact.instructions)
    count = 0 if applied and applied.demos else len(artifact.demos)
    demos = f"{count} demo{'s' if count > 1 else ''}" if count else ""
    new = f"new instruction{'s' if instructions > 1 else ''}" if instructions else ""
    return f"Write the {' and '.join(filter(None, [new, demos]))} into the source{change}"


def _touches(span: Span, start: int, end: int) -> bool:
    return span.start <= end and start <= span.end
