"""`improvement-available`: a run found a better program that the source does not use yet, or not all of it."""

from collections import Counter
from collections.abc import Collection, Iterator
from pathlib import PurePath

from tunesmith.server.offers import Offer, Snapshot
from tunesmith.server.rules.rule import Diagnostic
from tunesmith.server.text import describe_outcome_and_examples, describe_students


def find(snapshot: Snapshot, path: str) -> Iterator[Diagnostic]:
    """On the statement that constructs the program, else on the target's anchor. Silent where it would be stale."""
    for offer in snapshot.offers:
        found = offer.found
        constructed = found.construction is not None and found.construction_path is not None
        place = found.construction_path if constructed else found.path
        if place != path or offer.changes or offer.applied.form is not None:
            continue
        yield Diagnostic(
            span=found.construction.span if found.construction and constructed else found.anchor,
            severity="information",
            code="improvement-available",
            message=_message(snapshot, offer),
            data={
                "target": offer.target,
                "run_id": offer.run_id,
                "forms": offer.forms,
                "instructions": offer.missing,
            },
        )


def _message(snapshot: Snapshot, offer: Offer) -> str:
    report, artifact = offer.artifact.report, offer.artifact
    sentence = f"{offer.target} can be improved: {describe_outcome_and_examples(report)}."
    if artifact.students:
        sentence = f"{sentence} {describe_students(PurePath(snapshot.root), artifact)}"
    changes = []
    if offer.missing:
        new = "new instructions" if len(offer.missing) > 1 else "a new instruction"
        changes.append(f"{new} for {_listed(offer.missing)}")
    if artifact.demos and not offer.applied.demos:
        counts = Counter(demo.predictor for demo in artifact.demos)
        changes.append(f"demos: {', '.join(f'{count} for {name}' for name, count in counts.items())}")
    return f"{sentence} It adds {'; '.join(changes)}." if changes else sentence


def _listed(names: Collection[str]) -> str:
    *others, last = names
    return f"{', '.join(others)} and {last}" if others else last
