"""A broken file: facts the errors swallowed are kept from the last time they could be read.

A fact is kept where its name still stands in the text but its definition could no longer be read, or could be read
only in part. Kept facts move with their name, so their spans stay inside the text.
"""

import re
from typing import Any, TypeVar

import msgspec
from msgspec import Struct
from tree_sitter import Node

from tunesmith.server.index.facts import (
    CandidateFact,
    DatasetFact,
    FileFacts,
    FunctionFact,
    ImportFact,
    ModuleFact,
    SignatureFact,
    Span,
    ValueFact,
)
from tunesmith.server.index.source import Source, line_starts, span_between

Named = TypeVar("Named", SignatureFact, ModuleFact, CandidateFact, DatasetFact, FunctionFact, ValueFact)


def keep_last_good(facts: FileFacts, previous: FileFacts, source: Source) -> FileFacts:
    keeping = _Keeping(source)
    imports = keeping.imports(facts.imports, previous.imports)
    classes: list[SignatureFact | ModuleFact | CandidateFact] = [*facts.signatures, *facts.modules, *facts.candidates]
    intact = {fact.name for fact in classes if fact.name} - keeping.damaged
    return msgspec.structs.replace(
        facts,
        imports=imports,
        names=sorted({*facts.names, *(fact.alias.partition(".")[0] for fact in imports if fact.alias != "*")}),
        signatures=keeping.merge(facts.signatures, previous.signatures, intact),
        modules=keeping.merge(facts.modules, previous.modules, intact),
        candidates=keeping.merge(facts.candidates, previous.candidates, intact),
        functions=keeping.merge(facts.functions, previous.functions, {fact.name for fact in facts.functions}),
        values=keeping.merge(facts.values, previous.values, {fact.name for fact in facts.values}),
        datasets=keeping.merge(facts.datasets, previous.datasets, {fact.name for fact in facts.datasets}),
    )


class _Keeping:
    def __init__(self, source: Source) -> None:
        self.source = source
        self.lines = line_starts(source.text)
        self.damaged = _damaged_classes(source)

    def merge(self, fresh: list[Named], last: list[Named], intact: set[str]) -> list[Named]:
        """Fresh facts where they are intact, else the last good ones; a class is one thing, whatever list it is in."""
        kept = {fact.name: fact for fact in last if fact.name and fact.name not in intact and self._stands(fact.name)}
        merged = [fact for fact in fresh if fact.name not in kept]
        for name, fact in kept.items():
            assert name is not None
            merged.append(self._moved(fact, name))
        return sorted(merged, key=_start)

    def imports(self, fresh: list[ImportFact], last: list[ImportFact]) -> list[ImportFact]:
        known = {fact.alias for fact in fresh}
        kept = [fact for fact in last if fact.alias not in known and self._stands(fact.alias)]
        return [*fresh, *(self._shift(fact, 0) for fact in kept)]

    def _stands(self, name: str) -> bool:
        return re.search(rf"\b{re.escape(name)}\b", self.source.text) is not None

    def _moved(self, fact: Named, name: str) -> Named:
        at = fact.span.start if isinstance(fact, DatasetFact) else _name_start(fact)
        found = [
            match.start()
            for match in re.finditer(
                rf"(?:(?<=class )|(?<=def )|^)\b{re.escape(name)}\b", self.source.text, re.MULTILINE
            )
        ]
        nearest = min(found, key=lambda start: abs(start - at), default=at)
        shifted: Named = self._shift(fact, nearest - at)
        return shifted

    def _shift(self, value: Any, by: int) -> Any:
        """The struct with every span in it moved and clamped to the text."""
        if isinstance(value, Span):
            return span_between(self.source.text, value.start + by, value.end + by, lines=self.lines)
        if isinstance(value, list):
            return [self._shift(item, by) for item in value]
        if isinstance(value, Struct):
            changes = {
                name: self._shift(held, by)
                for name in value.__struct_fields__
                if isinstance(held := getattr(value, name), Struct | list)
            }
            return msgspec.structs.replace(value, **changes)
        return value


def _damaged_classes(source: Source) -> set[str]:
    """Names of classes with a syntax error inside."""
    damaged = set()

    def visit(node: Node) -> None:
        for child in node.named_children:
            if not child.has_error:
                continue
            if child.type == "class_definition":
                name = child.child_by_field_name("name")
                if name is not None:
                    damaged.add(source.of(name))
            elif child.type in ("ERROR", "block", "decorated_definition") or child.type.endswith("_statement"):
                visit(child)

    visit(source.root)
    return damaged


def _name_start(fact: SignatureFact | ModuleFact | CandidateFact | FunctionFact | ValueFact) -> int:
    return fact.module.name_span.start if isinstance(fact, CandidateFact) else fact.name_span.start


def _start(fact: SignatureFact | ModuleFact | CandidateFact | FunctionFact | DatasetFact | ValueFact) -> int:
    return fact.module.span.start if isinstance(fact, CandidateFact) else fact.span.start
