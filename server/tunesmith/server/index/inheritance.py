"""What classes inherit across files: a signature's fields and instructions, a module's attributes."""

from typing import NamedTuple

import msgspec

from tunesmith.protocol.dspy_versions import PARAMETERS, WRAPPERS
from tunesmith.server.index.dspy_names import PREDICTORS
from tunesmith.server.index.facts import (
    CandidateFact,
    FieldFact,
    ModuleFact,
    PredictorFact,
    ResolvedSignature,
    SignatureFact,
)
from tunesmith.server.index.links import Defined, Dspy, Elsewhere, Links
from tunesmith.server.index.signature_string import default_instructions


class InheritedPredictor(NamedTuple):
    """A predictor fact and the file of the class that sets it."""

    path: str
    fact: PredictorFact


class Inheritance(NamedTuple):
    """A module with everything its bases add."""

    predictors: list[InheritedPredictor]
    builtin: str | None
    """The dspy predictor it derives from, whose own predictors it has."""
    builtin_at: int
    """Before how many of `predictors` those stand."""
    signature: InheritedPredictor | None
    """What was given to that predictor's `__init__` as a signature."""
    is_parameter: bool
    """A subclass of `Predict`: it is a predictor itself."""
    dynamic: list[str]
    classes: list[tuple[str, str]]
    """It and its bases in the workspace: file and name of each."""


def resolve_signature(links: Links, path: str, fact: SignatureFact, depth: int = 0) -> ResolvedSignature:
    """The signature with inherited fields first, and instructions as dspy takes them from the bases."""
    if not fact.bases or depth > 20:
        return ResolvedSignature(path=path, fact=fact)
    fields: dict[str, tuple[str, FieldFact]] = {}
    inherited: str | None = None
    dynamic = fact.dynamic
    is_derived = fact.name is None or fact.text is not None
    for base in reversed(fact.bases):
        found = links.meaning(path, base)
        if isinstance(found, Dspy) and found.name == "Signature":
            continue
        base_fact = signature_of(links, found) if isinstance(found, Defined) else None
        if base_fact is None or not isinstance(found, Defined):
            if not (isinstance(found, Elsewhere) and found.standard):
                dynamic = True
            continue
        resolved = resolve_signature(links, found.path, base_fact, depth + 1).fact
        dynamic = dynamic or resolved.dynamic
        fields.update({field.name: ("input", field) for field in resolved.inputs})
        fields.update({field.name: ("output", field) for field in resolved.outputs})
    for base in fact.bases:  # the last base that has instructions wins
        found = links.meaning(path, base)
        base_fact = signature_of(links, found) if isinstance(found, Defined) else None
        if base_fact is not None and isinstance(found, Defined):
            inherited = resolve_signature(links, found.path, base_fact, depth + 1).fact.instructions or inherited
    fields.update({field.name: ("input", field) for field in fact.inputs})
    fields.update({field.name: ("output", field) for field in fact.outputs})
    inputs = [field for side, field in fields.values() if side == "input"]
    outputs = [field for side, field in fields.values() if side == "output"]
    instructions = fact.instructions if fact.instructions is not None else inherited
    if instructions is None and not dynamic and not is_derived:
        instructions = default_instructions([f.name for f in inputs], [f.name for f in outputs])
    full = msgspec.structs.replace(fact, inputs=inputs, outputs=outputs, instructions=instructions, dynamic=dynamic)
    return ResolvedSignature(path=path, fact=full)


def signature_of(links: Links, found: Defined) -> SignatureFact | None:
    """The definition read as a signature, if it is one."""
    if isinstance(found.fact, SignatureFact):
        return found.fact
    if isinstance(found.fact, CandidateFact) and links.class_kind(found.path, found.fact) == "signature":
        return found.fact.signature
    return None


def module_of(links: Links, found: Defined) -> ModuleFact | None:
    """The definition read as a module, if it is one."""
    if isinstance(found.fact, ModuleFact):
        return found.fact
    if isinstance(found.fact, CandidateFact) and links.class_kind(found.path, found.fact) == "module":
        return found.fact.module
    return None


def inherit(links: Links, path: str, module: ModuleFact) -> Inheritance:
    """Run `__init__` along the method resolution order, as far as facts say."""
    order = _Order(links)
    chain = order.of(path, module)
    dynamic = [*order.unknown]
    if any(fact.dynamic for _, fact in chain):
        dynamic.append("*")
    values: dict[str, list[InheritedPredictor]] = {}
    reached = _run_inits(links, chain, values, dynamic)
    predictors: list[InheritedPredictor] = []
    builtin_at = 0
    for name, held in values.items():
        if name == _BUILTIN:
            builtin_at = len(predictors)
        predictors.extend(held)
    builtin = order.builtin if reached.builtin else None
    return Inheritance(
        predictors=predictors,
        builtin=builtin,
        builtin_at=builtin_at,
        signature=reached.signature,
        is_parameter=order.builtin in PARAMETERS,
        dynamic=sorted(set(dynamic)),
        classes=[(file, fact.name) for file, fact in chain],
    )


_BUILTIN = " builtin"
"""Stands among the attributes for those a dspy predictor sets itself; no attribute can be called so."""


class _Reached(NamedTuple):
    builtin: bool
    signature: InheritedPredictor | None


def _run_inits(
    links: Links, chain: list[tuple[str, ModuleFact]], values: dict[str, list[InheritedPredictor]], dynamic: list[str]
) -> _Reached:
    """Set attributes in the order the `__init__` methods would, starting with the first class that has one."""
    with_init = [(index, path, fact) for index, (path, fact) in enumerate(chain) if fact.has_init]

    def run(at: int) -> _Reached:
        if at == len(with_init):
            values.setdefault(_BUILTIN, [])
            return _Reached(True, None)
        index, path, fact = with_init[at]
        own: dict[str, list[InheritedPredictor]] = {name: [] for name in fact.attributes}
        for predictor in fact.predictors:
            own.setdefault(attribute_of(predictor.name), []).append(InheritedPredictor(path, predictor))
        reached = _Reached(False, None)
        for position, name in enumerate(own):
            if fact.calls_super_init and position == fact.super_init_at:
                reached = run(at + 1)
            values[name] = own[name]
        if fact.calls_super_init and fact.super_init_at >= len(own):
            reached = run(at + 1)
        if reached.builtin and reached.signature is None and fact.super_signature is not None:
            reached = reached._replace(signature=InheritedPredictor(path, _super_argument(fact)))
        for call in fact.init_calls:
            definer = next((i for i, (_, other) in enumerate(chain) if call in other.methods), None)
            if definer is not None and definer != index:
                dynamic.append("*")
        return reached

    return run(0)


def attribute_of(predictor_name: str) -> str:
    """`steps` of `steps[0]`, `best` of `best.module`, `r` of `r*`."""
    for end, character in enumerate(predictor_name):
        if character in "[.*":
            return predictor_name[:end]
    return predictor_name


def _super_argument(fact: ModuleFact) -> PredictorFact:
    return PredictorFact(
        name="",
        kind="",
        is_module=False,
        signature=fact.super_signature,
        inline=fact.super_inline,
        dynamic=False,
        span=fact.name_span,
    )


class _Order:
    """The method resolution order of a class, workspace classes only (C3, as Python computes it)."""

    def __init__(self, links: Links) -> None:
        self.links = links
        self.builtin: str | None = None
        self.unknown: list[str] = []

    def of(self, path: str, module: ModuleFact, depth: int = 0) -> list[tuple[str, ModuleFact]]:
        if depth > 20:
            self.unknown.append("*")
            return []
        parents: list[list[tuple[str, ModuleFact]]] = []
        direct: list[tuple[str, ModuleFact]] = []
        for base in module.bases:
            found = self.links.meaning(path, base)
            if isinstance(found, Dspy):
                if found.name in PREDICTORS or found.name in WRAPPERS:
                    self.builtin = found.name
                continue
            fact = None
            if isinstance(found, Defined):
                fact = module_of(self.links, found)
                if fact is None and isinstance(found.fact, CandidateFact):
                    fact = found.fact.module  # a mixin
            if isinstance(found, Defined) and fact is not None:
                direct.append((found.path, fact))
                parents.append(self.of(found.path, fact, depth + 1))
            elif not (isinstance(found, Elsewhere) and found.standard):
                self.unknown.append("*")
        return [(path, module), *_merged([*parents, direct])]


def _merged(lists: list[list[tuple[str, ModuleFact]]]) -> list[tuple[str, ModuleFact]]:
    merged: list[tuple[str, ModuleFact]] = []
    lists = [list(entries) for entries in lists if entries]
    while lists:
        head = next(
            (entries[0] for entries in lists if not any(_has(other[1:], entries[0]) for other in lists)), lists[0][0]
        )
        merged.append(head)
        lists = [[entry for entry in entries if not _same(entry, head)] for entries in lists]
        lists = [entries for entries in lists if entries]
    return merged


def _has(entries: list[tuple[str, ModuleFact]], entry: tuple[str, ModuleFact]) -> bool:
    return any(_same(other, entry) for other in entries)


def _same(one: tuple[str, ModuleFact], other: tuple[str, ModuleFact]) -> bool:
    return one[0] == other[0] and one[1].name == other[1].name
