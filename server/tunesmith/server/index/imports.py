"""`import` statements of a file, wherever they stand, and what a dotted name means through them."""

import builtins
import sys
from typing import NamedTuple

from tree_sitter import Node

from tunesmith.server.index.facts import ImportFact
from tunesmith.server.index.source import Source

STANDARD_LIBRARY = frozenset(sys.stdlib_module_names) - {"copy"}
"""Whose functions give back no predictor. `copy` gives back what it gets."""
_BUILTINS = frozenset(dir(builtins))


class Imported(NamedTuple):
    """A name followed to the module it comes from: `module` is dotted, `name` what is left of it there."""

    module: str
    name: str
    level: int


def read_import(source: Source, node: Node) -> list[ImportFact]:
    """The names one `import` or `from … import` statement binds."""
    span = source.span(node)
    if node.type == "import_statement":
        facts = []
        for child in node.children_by_field_name("name"):
            module, alias = _name_and_alias(source, child)
            facts.append(ImportFact(module=module, name=None, alias=alias or module, level=0, span=span))
        return facts
    module_node = node.child_by_field_name("module_name")
    if module_node is None:
        return []
    dots = source.of(module_node)
    module = dots.lstrip(".")
    level = len(dots) - len(module)
    if any(child.type == "wildcard_import" for child in node.named_children):
        return [ImportFact(module=module.strip(), name="*", alias="*", level=level, span=span)]
    facts = []
    for child in node.children_by_field_name("name"):
        name, alias = _name_and_alias(source, child)
        facts.append(ImportFact(module=module.strip(), name=name, alias=alias or name, level=level, span=span))
    return facts


def follow(imports: list[ImportFact], dotted: str) -> Imported | None:
    """Where a dotted name comes from, by the longest import that binds its beginning.

    `dspy.teleprompt.GEPA` after `import dspy` is module `dspy`, name `teleprompt.GEPA`.
    """
    best: Imported | None = None
    length = -1
    for fact in imports:
        if fact.name == "*":
            continue
        if dotted == fact.alias:
            rest = ""
        elif dotted.startswith(fact.alias + "."):
            rest = dotted[len(fact.alias) + 1 :]
        else:
            continue
        if len(fact.alias) > length:
            length = len(fact.alias)
            name = ".".join(part for part in (fact.name, rest) if part)
            best = Imported(fact.module, name, fact.level)
    if best is None:
        best = _through_package(imports, dotted)
    return best


def is_standard(imports: list[ImportFact], dotted: str, defined: frozenset[str]) -> bool:
    """The name comes from the standard library or is a builtin the file does not redefine."""
    imported = follow(imports, dotted)
    if imported is not None:
        return imported.level == 0 and imported.module.partition(".")[0] in STANDARD_LIBRARY
    root = dotted.partition(".")[0]
    return root in _BUILTINS and root not in defined


def _through_package(imports: list[ImportFact], dotted: str) -> Imported | None:
    """`import a.b` also binds `a`, so `a.x` is known too."""
    root, _, rest = dotted.partition(".")
    for fact in imports:
        if fact.name is None and fact.alias == fact.module and fact.module.startswith(root + "."):
            return Imported(root, rest, 0)
    return None


def _name_and_alias(source: Source, node: Node) -> tuple[str, str | None]:
    if node.type == "aliased_import":
        name, alias = node.child_by_field_name("name"), node.child_by_field_name("alias")
        return source.of(name) if name else "", source.of(alias) if alias else None
    return source.of(node), None
