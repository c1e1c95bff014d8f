"""A file's facts with imports followed: candidates become signatures, modules or nothing; call sites that belong to
no program are dropped; metrics are named."""

import msgspec

from tunesmith.server.index import resolution
from tunesmith.server.index.facts import (
    CandidateFact,
    FileFacts,
    MetricFact,
    ModuleFact,
    PredictorFact,
    SignatureFact,
)
from tunesmith.server.index.inheritance import module_of
from tunesmith.server.index.links import Defined, Dspy, Links


def promote(links: Links, facts: FileFacts, metrics: frozenset[str]) -> FileFacts:
    """`metrics`: the file's functions that the workspace passes as a metric."""
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
        signatures=sorted((s for s in signatures if _is_signature(links, facts, s)), key=_start),
        modules=sorted((_known_predictors(links, facts.path, module) for module in modules), key=_start),
        metrics=[
            MetricFact(name=function.name, span=function.span, name_span=function.name_span)
            for function in facts.functions
            if function.looks_like_metric or function.name in metrics
        ],
        constructions=[c for c in facts.constructions if resolution.makes_program(links, facts.path, c.callee)],
        loads=[
            load
            for load in facts.loads
            if load.program is not None
            and resolution.resolve_program(links, facts.path, load.program, line=load.span.line) is not None
        ],
        candidates=[],
    )


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


def _start(fact: SignatureFact | ModuleFact) -> int:
    return fact.span.start
