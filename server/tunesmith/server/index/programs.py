"""Programs: a module or bare predictor, with its predictors under their run-time names and their signatures."""

from typing import NamedTuple

from tunesmith.protocol.dspy_versions import WRAPPERS
from tunesmith.server.index.dspy_names import PREDICTORS
from tunesmith.server.index.facts import (
    CandidateFact,
    ConstructionFact,
    FunctionFact,
    ModuleFact,
    PredictorFact,
    Program,
    ResolvedPredictor,
    ResolvedSignature,
    SignatureFact,
    Span,
)
from tunesmith.server.index.inheritance import InheritedPredictor, inherit, module_of, resolve_signature, signature_of
from tunesmith.server.index.links import Defined, Dspy, Elsewhere, Links

_DEPTH = 12
_NO_PREDICTOR = frozenset({"int", "str", "float", "bool", "bytes", "None", "list[str]", "dict[str, str]", "Path"})


class Parts(NamedTuple):
    """What a module is made of; names are relative to it."""

    predictors: list[ResolvedPredictor]
    dynamic: list[str]
    sources: set[tuple[str, str]]
    """Files, each with a module class of it or with an empty name."""


def program_of_class(links: Links, found: Defined, given: ConstructionFact | None = None) -> Program | None:
    """The program a module class makes. `given`: the construction, for classes derived from a dspy predictor."""
    module = module_of(links, found)
    if module is None:
        return None
    argument = None
    if given is not None:
        argument = InheritedPredictor(found.path, _argument(given))
    parts = _Expanding(links).module(found.path, module, argument, 0)
    return Program(
        name=module.name,
        path=found.path,
        span=module.span,
        predictors=[_named(predictor, predictor.name or "self") for predictor in parts.predictors],
        dynamic=parts.dynamic,
        sources=_files(parts),
        modules=_modules(parts),
    )


def program_of_construction(links: Links, path: str, construction: ConstructionFact) -> Program | None:
    """The program a statement `name = Class(…)` constructs."""
    found = links.meaning(path, construction.callee)
    if isinstance(found, Defined):
        made = program_of_class(links, found, construction)
        if made is None:
            return None
        sources = sorted({*made.sources, path})
        return Program(
            name=made.name,
            path=made.path,
            span=made.span,
            predictors=made.predictors,
            dynamic=made.dynamic,
            sources=sources,
            modules=made.modules,
        )
    if not isinstance(found, Dspy) or (found.name not in PREDICTORS and found.name not in WRAPPERS):
        return None
    expanding = _Expanding(links)
    if found.name in WRAPPERS:
        wrapped = construction.wrapped
        parts = expanding.predictor(path, wrapped, wrapped.name, 0) if wrapped else Parts([], ["module*"], set())
    else:
        parts = expanding.predictor(path, _argument(construction, kind=found.name), "", 0)
    argument = construction.signature or ""
    return Program(
        name=f"{construction.callee}({argument})",
        path=path,
        span=construction.span,
        predictors=[_named(predictor, predictor.name or "self") for predictor in parts.predictors],
        dynamic=parts.dynamic,
        sources=sorted({*_files(parts), path}),
        modules=_modules(parts),
    )


class _Expanding:
    def __init__(self, links: Links) -> None:
        self.links = links

    def module(self, path: str, module: ModuleFact, argument: InheritedPredictor | None, depth: int) -> Parts:
        """Everything a module holds. `argument`: the signature it is constructed with."""
        inheritance = inherit(self.links, path, module)
        parts = Parts([], list(inheritance.dynamic), set(inheritance.classes))
        own = [self.predictor(held.path, held.fact, held.fact.name, depth + 1) for held in inheritance.predictors]
        if inheritance.builtin is not None or inheritance.is_parameter:
            given = inheritance.signature or argument
            leaf = self._builtin(path, module, inheritance.builtin or "Predict", given)
            if not inheritance.is_parameter:
                own.insert(inheritance.builtin_at, leaf)
            else:  # a predictor itself: first where it is the program, and all there is where it is a part of one
                own = [leaf, *own] if depth == 0 else [leaf]
        for part in own:
            _add(parts, part)
        return parts

    def predictor(self, path: str, fact: PredictorFact, name: str, depth: int) -> Parts:
        """What one attribute adds, under its name."""
        if fact.dynamic:
            return Parts([], [name], set())
        if depth > _DEPTH:
            return Parts([], [f"{name}*"], set())
        if not fact.is_module:
            signature = self.signature(path, fact)
            return self._leaves(path, fact.kind, name, signature, fact.span, unknown=fact.inline is None)
        found = self.links.meaning(path, fact.kind)
        if isinstance(found, Defined):
            return self._defined(path, fact, found, name, depth)
        if isinstance(found, Dspy):  # re-exported by a workspace file
            if found.name in PREDICTORS:
                signature = self.signature(path, fact)
                return self._leaves(path, found.name, name, signature, fact.span, unknown=fact.inline is None)
            return Parts([], [f"{name}*"] if found.name in WRAPPERS else [], set())
        certain = isinstance(found, Elsewhere) and found.standard
        return Parts([], [f"{name}*"] if fact.called and not certain else [], set())

    def signature(self, path: str, fact: PredictorFact) -> ResolvedSignature | None:
        """The signature a predictor is given: spelled out, or defined somewhere."""
        if fact.inline is not None:
            return resolve_signature(self.links, path, fact.inline)
        found = self.links.meaning(path, fact.signature) if fact.signature is not None else None
        defined = signature_of(self.links, found) if isinstance(found, Defined) else None
        if defined is None or not isinstance(found, Defined):
            return None
        return resolve_signature(self.links, found.path, defined)

    def _defined(self, path: str, fact: PredictorFact, found: Defined, name: str, depth: int) -> Parts:
        module = module_of(self.links, found)
        if module is not None:
            argument = InheritedPredictor(path, fact) if fact.signature is not None else None
            inner = self.module(found.path, module, argument, depth + 1)
            return Parts(
                [_named(p, f"{name}.{p.name}" if p.name else name) for p in inner.predictors],
                [f"{name}.{dynamic}" for dynamic in inner.dynamic],
                inner.sources,
            )
        definition = found.fact
        if isinstance(definition, SignatureFact):
            return Parts([], [], set())
        if isinstance(definition, CandidateFact):
            unknown = self.links.class_kind(found.path, definition) == "unknown"
            return Parts([], [f"{name}*"] if unknown and fact.called else [], set())
        if isinstance(definition, FunctionFact) and definition.returns in _NO_PREDICTOR:
            return Parts([], [], set())
        return Parts([], [f"{name}*"], {(found.path, "")})

    def _builtin(self, path: str, module: ModuleFact, kind: str, given: InheritedPredictor | None) -> Parts:
        signature = self.signature(given.path, given.fact) if given is not None else None
        return self._leaves(path, kind, "", signature, module.name_span, unknown=True)

    def _leaves(
        self, path: str, kind: str, name: str, signature: ResolvedSignature | None, span: Span, *, unknown: bool
    ) -> Parts:
        dynamic = signature.fact.dynamic if signature is not None else unknown
        predictors = [
            ResolvedPredictor(
                name=".".join(part for part in (name, inner) if part),
                kind=kind,
                path=path,
                span=span,
                signature=signature,
                dynamic=dynamic,
            )
            for inner in PREDICTORS.get(kind, ())
        ]
        return Parts(predictors, [], {(signature.path, "")} if signature is not None else set())


def _files(parts: Parts) -> list[str]:
    return sorted({file for file, _ in parts.sources})


def _modules(parts: Parts) -> list[str]:
    return sorted(f"{file}:{name}" for file, name in parts.sources if name)


def _argument(construction: ConstructionFact, kind: str = "") -> PredictorFact:
    return PredictorFact(
        name="",
        kind=kind,
        is_module=False,
        signature=construction.signature,
        inline=construction.inline,
        dynamic=False,
        span=construction.span,
    )


def _named(predictor: ResolvedPredictor, name: str) -> ResolvedPredictor:
    return ResolvedPredictor(
        name=name,
        kind=predictor.kind,
        path=predictor.path,
        span=predictor.span,
        signature=predictor.signature,
        dynamic=predictor.dynamic,
    )


def _add(parts: Parts, more: Parts) -> None:
    parts.predictors.extend(more.predictors)
    parts.dynamic.extend(more.dynamic)
    parts.sources.update(more.sources)
