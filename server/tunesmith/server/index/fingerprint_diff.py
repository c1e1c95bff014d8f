"""What changed between the program an artifact was made from and the program as it is now, in words and with places."""

from typing import Literal

from msgspec import Struct

from tunesmith.protocol import FieldPrint, PredictorPrint, ProgramFingerprint
from tunesmith.protocol.dspy_versions import DEFAULT_INSTRUCTION
from tunesmith.server.index.facts import FieldFact, Program, ResolvedPredictor, Span
from tunesmith.server.index.fingerprint import fingerprint_of

Kind = Literal[
    "field-renamed",
    "field-added",
    "field-removed",
    "fields-reordered",
    "field-type",
    "field-desc",
    "instructions",
    "predictor-added",
    "predictor-removed",
    "predictor-renamed",
    "predictor-kind",
    "cannot-tell",
]


class FingerprintChange(Struct, frozen=True, kw_only=True):
    """One difference. The place is in the new program: the field, signature, predictor or class concerned."""

    kind: Kind
    predictor: str
    """Its run-time name in the new program; in the old one where it is gone."""
    message: str
    old: str | None
    new: str | None
    path: str
    span: Span


def diff_fingerprints(old: ProgramFingerprint, new: Program) -> list[FingerprintChange]:
    """Empty where nothing relevant changed. What is unknown on either side is `cannot-tell`, never a difference.

    `kind` tells the two apart: every other kind is certain.
    """
    now = fingerprint_of(new)
    if old.digest == now.digest and not now.dynamic:
        return []
    return _Diff(old, now, new).changes()


class _Diff:
    def __init__(self, old: ProgramFingerprint, now: ProgramFingerprint, program: Program) -> None:
        self.old = old
        self.now = now
        self.program = program
        self.was = {predictor.name: predictor for predictor in old.predictors}
        self.is_ = {predictor.name: predictor for predictor in now.predictors}
        self.places = {predictor.name: predictor for predictor in program.predictors}
        self.dynamic = {*old.dynamic, *now.dynamic}
        self.found: list[FingerprintChange] = []

    def changes(self) -> list[FingerprintChange]:
        gone = [name for name in self.was if name not in self.is_]
        added = [name for name in self.is_ if name not in self.was]
        for name in list(gone):
            twin = next((other for other in added if _same_content(self.was[name], self.is_[other])), None)
            if twin is not None:
                gone.remove(name)
                added.remove(twin)
                self._at_predictor("predictor-renamed", twin, f"predictor `{name}` is now `{twin}`", name, twin)
        for name in gone:
            if not self._covered(name):
                self._at_program("predictor-removed", name, f"predictor `{name}` is gone", name, None)
        for name in added:
            if not self._covered(name):
                self._at_predictor("predictor-added", name, f"predictor `{name}` is new", None, name)
        for name, before in self.was.items():
            if name in self.is_:
                self._compare(before, self.is_[name])
        for name in dict.fromkeys((*self.old.dynamic, *self.now.dynamic)):
            self._cannot_tell(name)
        return self.found

    def _compare(self, before: PredictorPrint, after: PredictorPrint) -> None:
        if before.kind != after.kind:
            text = f"`{after.name}` is `{after.kind}`, it was `{before.kind}`"
            self._at_predictor("predictor-kind", after.name, text, before.kind, after.kind)
        if after.name in self.dynamic:
            return
        if before.instructions != after.instructions and not _only_defaults(before, after):
            text = f"the instructions of `{after.name}` changed"
            self._at_instructions(after.name, text, before.instructions, after.instructions)
        self._compare_fields(after.name, "input", before.inputs, after.inputs)
        self._compare_fields(after.name, "output", before.outputs, after.outputs)

    def _compare_fields(self, predictor: str, side: str, before: list[FieldPrint], after: list[FieldPrint]) -> None:
        was, is_ = {f.name: f for f in before}, {f.name: f for f in after}
        gone = [field for field in before if field.name not in is_]
        added = [field for field in after if field.name not in was]
        for field in list(gone):
            twin = _twin(field, added, before, after)
            if twin is not None:
                gone.remove(field)
                added.remove(twin)
                text = f"{side} field `{field.name}` of `{predictor}` is now `{twin.name}`"
                self._at_field("field-renamed", predictor, twin.name, text, field.name, twin.name)
        for field in gone:
            text = f"{side} field `{field.name}` of `{predictor}` is gone"
            self._at_signature("field-removed", predictor, text, field.name, None)
        for field in added:
            text = f"{side} field `{field.name}` of `{predictor}` is new"
            self._at_field("field-added", predictor, field.name, text, None, field.name)
        kept_before = [f.name for f in before if f.name in is_]
        kept_after = [f.name for f in after if f.name in was]
        if kept_before != kept_after:
            moved = next(now for then, now in zip(kept_before, kept_after, strict=True) if then != now)
            text = f"the {side} fields of `{predictor}` stand in another order"
            self._at_field("fields-reordered", predictor, moved, text, ", ".join(kept_before), ", ".join(kept_after))
        for name in kept_after:
            then, now = was[name], is_[name]
            if then.type != now.type:
                text = f"{side} field `{name}` of `{predictor}` is `{now.type}`, it was `{then.type}`"
                self._at_field("field-type", predictor, name, text, then.type, now.type)
            if then.desc != now.desc:
                text = f"the description of {side} field `{name}` of `{predictor}` changed"
                self._at_field("field-desc", predictor, name, text, then.desc, now.desc)

    def _covered(self, name: str) -> bool:
        """A dynamic name may stand for it: nothing can be said of its absence."""
        return any(name.startswith(other[:-1]) for other in self.dynamic if other.endswith("*"))

    def _cannot_tell(self, name: str) -> None:
        text = f"cannot tell whether `{name}` changed: it is only known at run time"
        if name in self.places:
            self._at_predictor("cannot-tell", name, text, None, None)
        else:
            self._at_program("cannot-tell", name, text, None, None)

    def _at_field(self, kind: Kind, predictor: str, field: str, message: str, old: str | None, new: str | None) -> None:
        place = self.places[predictor]
        fact = _field_fact(place, field)
        if place.signature is None or fact is None:
            self._at_signature(kind, predictor, message, old, new)
        else:
            self._add(kind, predictor, message, old, new, place.signature.path, fact.span)

    def _at_instructions(self, predictor: str, message: str, old: str | None, new: str | None) -> None:
        signature = self.places[predictor].signature
        if signature is not None and signature.fact.docstring_span is not None:
            span = signature.fact.docstring_span
            self._add("instructions", predictor, message, old, new, signature.path, span)
        else:
            self._at_signature("instructions", predictor, message, old, new)

    def _at_signature(self, kind: Kind, predictor: str, message: str, old: str | None, new: str | None) -> None:
        signature = self.places[predictor].signature
        if signature is None:
            self._at_predictor(kind, predictor, message, old, new)
        else:
            self._add(kind, predictor, message, old, new, signature.path, signature.fact.name_span)

    def _at_predictor(self, kind: Kind, predictor: str, message: str, old: str | None, new: str | None) -> None:
        place = self.places[predictor]
        self._add(kind, predictor, message, old, new, place.path, place.span)

    def _at_program(self, kind: Kind, predictor: str, message: str, old: str | None, new: str | None) -> None:
        self._add(kind, predictor, message, old, new, self.program.path, self.program.span)

    def _add(
        self, kind: Kind, predictor: str, message: str, old: str | None, new: str | None, path: str, span: Span
    ) -> None:
        self.found.append(
            FingerprintChange(kind=kind, predictor=predictor, message=message, old=old, new=new, path=path, span=span)
        )


def _same_content(one: PredictorPrint, other: PredictorPrint) -> bool:
    return (one.kind, one.instructions, one.inputs, one.outputs) == (
        other.kind,
        other.instructions,
        other.inputs,
        other.outputs,
    )


def _twin(
    field: FieldPrint, added: list[FieldPrint], before: list[FieldPrint], after: list[FieldPrint]
) -> FieldPrint | None:
    """A new field that is the old one under another name: same place and type, or the only one of that type and
    description."""
    position = before.index(field)
    if len(before) == len(after) and after[position] in added and after[position].type == field.type:
        return after[position]
    alike = [other for other in added if (other.type, other.desc) == (field.type, field.desc) and field.desc]
    return alike[0] if len(alike) == 1 else None


def _only_defaults(before: PredictorPrint, after: PredictorPrint) -> bool:
    """Both are what dspy says where nobody wrote instructions: the field change that caused it is reported already."""
    return _is_default(before) and _is_default(after)


def _is_default(predictor: PredictorPrint) -> bool:
    text = predictor.instructions or ""
    before, between, _ = DEFAULT_INSTRUCTION
    return text.startswith(f"{before}`") and f"{between}`" in text


def _field_fact(place: ResolvedPredictor, name: str) -> FieldFact | None:
    fact = place.signature.fact if place.signature is not None else None
    fields = [*fact.inputs, *fact.outputs] if fact is not None else []
    return next((field for field in fields if field.name == name), None)
