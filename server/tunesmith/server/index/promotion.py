"""A file's facts with imports followed: candidates become signatures, modules or nothing; call sites that belong to
no program are dropped; metrics and data sets are named."""

from typing import TypeVar

import msgspec

from tunesmith.server.index import resolution
from tunesmith.server.index.configured_names import NamedInFile
from tunesmith.server.index.facts import (
    CandidateFact,
    DatasetFact,
    FileFacts,
    FunctionFact,
    MetricFact,
    ModuleFact,
    PredictorFact,
    SignatureFact,
    ValueFact,
)
from tunesmith.server.index.inheritance import module_of
from tunesmith.server.index.links import Defined, Dspy, Links


def promote(links: Links, facts: FileFacts, named: NamedInFile) -> FileFacts:
    """`named`: what the workspace passes as a metric, and what its configuration names."""
    signatures = list(facts.signatures)
    modules = list(facts.modules)
    for candidate in facts.candidates:
        kind = links.class_kind(facts.path, candidate)
        if kind == "signature":
            signatures.append(candidate.signature)
        elif kind == "module":
            modules.append(candidate.module)
    return msgspec.structs.replace(
        facts,
        signatures=_by_place([s for s in signatures if _is_signature(links, facts, s)]),
        modules=_by_place([_known_predictors(links, facts.path, module) for module in modules]),
        metrics=[
            MetricFact(name=one.name, span=one.span, name_span=one.name_span)
            for one in _functions_and_values(facts)
            if one.name in named.metrics or (isinstance(one, FunctionFact) and one.looks_like_metric)
        ],
        datasets=_datasets(facts, named.datasets),
        constructions=[c for c in facts.constructions if resolution.makes_program(links, facts.path, c.callee)],
        loads=[
            load
            for load in facts.loads
            if load.program is not None
            and resolution.resolve_program(links, facts.path, load.program, line=load.span.line) is not None
        ],
        candidates=[],
    )


def _datasets(facts: FileFacts, named: frozenset[str]) -> list[DatasetFact]:
    """Those that show, and those that are only known by name."""
    unseen = named - {dataset.name for dataset in facts.datasets}
    known = [
        DatasetFact(
            name=one.name, kind="loader" if isinstance(one, FunctionFact) else "examples", inputs=[], span=one.span
        )
        for one in _functions_and_values(facts)
        if one.name in unseen
    ]
    return _by_place([*facts.datasets, *known]) if known else facts.datasets


def _is_signature(links: Links, facts: FileFacts, fact: SignatureFact) -> bool:
    """`Name = X.with_instructions(…)` is one only where X is."""
    if fact.docstring_span is not None or fact.text is not None or fact.inputs or fact.outputs:
        return True
    return resolution.resolve_signature_name(links, facts.path, fact.name or "") is not None


def _known_predictors(links: Links, path: str, module: ModuleFact) -> ModuleFact:
    """Without attributes that are objects of ordinary classes."""
    kept = [fact for fact in module.predictors if _holds_predictor(links, path, fact)]
    return msgspec.structs.replace(
        module, predictors=kept, dynamic=module.dynamic or any(fact.dynamic for fact in kept)
    )


def _holds_predictor(links: Links, path: str, fact: PredictorFact) -> bool:
    if not fact.is_module:
        return True
    found = links.meaning(path, fact.kind)
    if isinstance(found, Dspy):
        return True
    if not isinstance(found, Defined):
        return False
    if isinstance(found.fact, CandidateFact | ModuleFact):
        return module_of(links, found) is not None
    return False


def _functions_and_values(facts: FileFacts) -> list[FunctionFact | ValueFact]:
    return _by_place([*facts.functions, *facts.values])


Placed = TypeVar("Placed", SignatureFact, ModuleFact, DatasetFact, FunctionFact | ValueFact)


def _by_place(facts: list[Placed]) -> list[Placed]:
    return sorted(facts, key=lambda fact: fact.span.start)
