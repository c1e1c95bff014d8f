"""Expressions followed to programs: a class, a name bound to one, an attribute, an import, a call in place."""

import re
from typing import NamedTuple

from tunesmith.protocol.dspy_versions import WRAPPERS
from tunesmith.server.index.dspy_names import PREDICTORS
from tunesmith.server.index.facts import (
    CompileFact,
    ConstructionFact,
    FileFacts,
    FunctionFact,
    LoadFact,
    Program,
    ResolvedSignature,
)
from tunesmith.server.index.inheritance import module_of, resolve_signature, signature_of
from tunesmith.server.index.links import Defined, Dspy, Links
from tunesmith.server.index.programs import program_of_class, program_of_construction
from tunesmith.server.index.syntax import read_expression

_COPIED = re.compile(r"\.(deepcopy|reset_copy)\(\)$")
_DEPTH = 8


class Site(NamedTuple):
    path: str
    construction: ConstructionFact


def resolve_class(links: Links, path: str, name: str) -> Program | None:
    found = links.meaning(path, name)
    return program_of_class(links, found) if isinstance(found, Defined) else None


def resolve_program(
    links: Links, path: str, expression: str, *, line: int | None = None, depth: int = 0
) -> Program | None:
    facts = links.raw(path)
    expression = _COPIED.sub("", expression.strip())
    if facts is None or depth > _DEPTH:
        return None
    if expression.endswith(")"):
        construction = read_expression(facts, expression)
        return program_of_construction(links, path, construction) if construction is not None else None
    site = find_construction(links, path, expression, line=line)
    if site is not None:
        return program_of_construction(links, site.path, site.construction)
    compiled = _compiled_from(facts, expression, line)
    if compiled is not None:
        return resolve_program(links, path, compiled, line=line, depth=depth + 1)
    found = links.meaning(path, expression)
    return program_of_class(links, found) if isinstance(found, Defined) else None


def find_construction(links: Links, path: str, expression: str, *, line: int | None = None) -> Site | None:
    """The statement that binds the name: the last before `line` in its own scope, else the module's only one.

    Several at module level that make different programs: none of them is certain.
    """
    facts = links.raw(path)
    if facts is None:
        return None
    made = [c for c in facts.constructions if c.name == expression and makes_program(links, path, c.callee)]
    if line is not None:
        scope = _scope_at(facts, line)
        before = [c for c in made if c.span.line <= line and c.scope == scope]
        if before:
            return Site(path, before[-1])
    outer = [c for c in made if c.scope == "module"] or [c for c in made if c.scope == "__main__"]
    outer = outer or ([] if line is not None else made)
    if outer:
        return Site(path, outer[-1]) if len({c.callee for c in outer}) == 1 else None
    found = links.meaning(path, expression)
    if isinstance(found, Defined) and isinstance(found.fact, ConstructionFact):
        return Site(found.path, found.fact) if makes_program(links, found.path, found.fact.callee) else None
    return None


def makes_program(links: Links, path: str, callee: str) -> bool:
    """Whether calling it gives a module of the workspace or a dspy predictor."""
    found = links.meaning(path, callee)
    if isinstance(found, Dspy):
        return found.name in PREDICTORS or found.name in WRAPPERS
    return isinstance(found, Defined) and module_of(links, found) is not None


def resolve_signature_name(links: Links, path: str, name: str) -> ResolvedSignature | None:
    found = links.meaning(path, name)
    if not isinstance(found, Defined):
        return None
    fact = signature_of(links, found)
    if fact is None:
        return None
    resolved = resolve_signature(links, found.path, fact)
    derived = fact.bases and not fact.inputs and not fact.outputs
    known = resolved.fact.inputs or resolved.fact.outputs or fact.docstring_span is not None
    if (
        derived
        and fact.text is None
        and not known
        and fact.docstring_span is None
        and _is_call(links, found.path, fact.bases)
    ):
        return None
    return resolved


def used_metrics(links: Links, path: str) -> frozenset[tuple[str, str]]:
    """(path, name) of every function a file passes as a metric. `links` reach files that are not indexed, too."""
    facts = links.raw(path)
    meanings = [links.meaning(path, use) for use in facts.metric_uses] if facts is not None else []
    return frozenset(
        (meaning.path, meaning.fact.name)
        for meaning in meanings
        if isinstance(meaning, Defined) and isinstance(meaning.fact, FunctionFact)
    )


def _is_call(links: Links, path: str, bases: list[str]) -> bool:
    """No base is a known signature: `Name = thing.with_instructions(…)` of we do not know what."""
    return not any(
        isinstance(found := links.meaning(path, base), Dspy)
        or (isinstance(found, Defined) and signature_of(links, found) is not None)
        for base in bases
    )


def _compiled_from(facts: FileFacts, name: str, line: int | None) -> str | None:
    """The program whose compiled copy a name holds."""
    found = [c for c in facts.compiles if c.bound == name and (line is None or c.span.line <= line)]
    return found[-1].program if found and found[-1].program != name else None


def _scope_at(facts: FileFacts, line: int) -> str:
    """The scope of the innermost known call site at or before a line."""
    sites: list[CompileFact | LoadFact | ConstructionFact] = [*facts.compiles, *facts.loads, *facts.constructions]
    here = [site for site in sites if site.span.line <= line <= site.span.end_line]
    return here[-1].scope if here else "module"
