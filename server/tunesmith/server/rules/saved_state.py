"""What no longer fits between a state dspy saved by itself and the program that loads it.

Such a file keeps predictor names, and of each field, by position, a prefix and a description; the name survives
only in the default description, `${name}`.
"""

import re
from collections.abc import Iterator

from tunesmith.server.artifacts import SavedField
from tunesmith.server.index import FieldFact, FingerprintChange, Kind, Program, ResolvedPredictor, Span

_DEFAULT_DESCRIPTION = re.compile(r"\$\{(\w+)\}")


def diff_saved_state(saved: dict[str, list[SavedField]], program: Program) -> list[FingerprintChange]:
    """Changes placed in the program's sources; none where some of its predictors are only known at run time."""
    if program.dynamic:
        return []
    now = {predictor.name: predictor for predictor in program.predictors}
    changes = [
        _change("predictor-removed", name, f"its predictor `{name}` is gone", name, None, program.path, program.span)
        for name in saved
        if name not in now
    ]
    for name, predictor in now.items():
        if name not in saved:
            message = f"it has no predictor `{name}`, so `load` will raise"
            changes.append(_change("predictor-added", name, message, None, name, predictor.path, predictor.span))
        else:
            changes += _diff_fields(saved[name], predictor)
    return changes


def _diff_fields(saved: list[SavedField], predictor: ResolvedPredictor) -> Iterator[FingerprintChange]:
    signature = predictor.signature
    if signature is None or predictor.dynamic or predictor.kind not in ("Predict", "ChainOfThought"):
        return  # other kinds build signatures of their own
    fact = signature.fact
    fields: list[FieldFact | None] = [*fact.inputs, *fact.outputs]
    if predictor.kind == "ChainOfThought":
        fields.insert(len(fact.inputs), None)  # `reasoning`, which stands in no source
    if len(saved) != len(fields):
        message = f"`{predictor.name}` was saved with {len(saved)} fields and has {len(fields)}"
        yield _change(
            "field-added" if len(fields) > len(saved) else "field-removed",
            predictor.name,
            message,
            str(len(saved)),
            str(len(fields)),
            signature.path,
            fact.name_span,
        )
        return
    for before, field in zip(saved, fields, strict=True):
        named = _DEFAULT_DESCRIPTION.fullmatch(before.description)
        if field is not None and named is not None and named.group(1) != field.name:
            message = f"the saved field `{named.group(1)}` of `{predictor.name}` is now `{field.name}`"
            yield _change(
                "field-renamed", predictor.name, message, named.group(1), field.name, signature.path, field.span
            )


def _change(
    kind: Kind, predictor: str, message: str, old: str | None, new: str | None, path: str, span: Span
) -> FingerprintChange:
    return FingerprintChange(kind=kind, predictor=predictor, message=message, old=old, new=new, path=path, span=span)
