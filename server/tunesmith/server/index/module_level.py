"""The statements of a module that run when it is imported, and the names they bind."""

from typing import NamedTuple

from tree_sitter import Node

from tunesmith.server.index.imports import read_import
from tunesmith.server.index.scopes import is_main_guard
from tunesmith.server.index.source import Source

IMPORTS = ("import_statement", "import_from_statement")
_DEFINITIONS = ("class_definition", "function_definition", "decorated_definition")


class Statement(NamedTuple):
    """An expression statement's expression, an import, or a definition without its decorators."""

    node: Node
    decorated: bool = False


class ModuleLevel(NamedTuple):
    imported: list[Statement]
    """Run on import; what stands inside `if`, `try`, `with` and loops included."""
    guarded: list[Statement]
    """Behind `if __name__ == "__main__":`."""


class Bindings(NamedTuple):
    values: dict[str, Node | None]
    """Name → the expression bound; None where bound more than once or otherwise."""
    definitions: frozenset[str]
    """Functions and classes."""


def module_level(source: Source, block: Node) -> ModuleLevel:
    found = ModuleLevel([], [])
    for child in block.named_children:
        if child.type == "expression_statement":
            found.imported.extend(Statement(node) for node in child.named_children)
        elif child.type in IMPORTS:
            found.imported.append(Statement(child))
        elif child.type in _DEFINITIONS:
            if block.type not in ("module", "ERROR") or not _is_indented(child):
                found.imported.extend(_definition(child))
        elif child.type == "if_statement" and is_main_guard(source, child):
            found.guarded.extend(module_level(source, child).imported)
        elif child.type.endswith(("_statement", "_clause")) or child.type in ("block", "ERROR"):
            inner = module_level(source, child)
            found.imported.extend(inner.imported)
            found.guarded.extend(inner.guarded)
    return found


def bindings(source: Source, statements: list[Statement]) -> Bindings:
    """What importing the module binds."""
    values: dict[str, Node | None] = {}
    definitions: set[str] = set()
    for node, _ in statements:
        if node.type in IMPORTS:
            values.update({fact.alias.partition(".")[0]: None for fact in read_import(source, node)})
        elif node.type in _DEFINITIONS:
            name = node.child_by_field_name("name")
            if name is not None:
                values[source.of(name)] = None
                definitions.add(source.of(name))
        elif node.type == "assignment":
            for target, value in _targets(node):
                text = source.of(target)
                values[text] = None if text in values else value
    values.pop("*", None)
    return Bindings(values, frozenset(definitions))


def bound_names(assignment: Node) -> list[Node]:
    """The plain names it binds."""
    return [target for target, _ in _targets(assignment)]


def _is_indented(node: Node) -> bool:
    """Where a text is broken, methods lose their class; what is indented is not the module's."""
    return node.start_point.column > 0 and node.start_point.row > 0


def _definition(node: Node) -> list[Statement]:
    if node.type != "decorated_definition":
        return [Statement(node)]
    definition = node.child_by_field_name("definition")
    return [Statement(definition, decorated=True)] if definition is not None else []


def _targets(assignment: Node) -> list[tuple[Node, Node | None]]:
    """The plain names an assignment binds; the value only where it is theirs alone."""
    chain: list[Node] = []
    value: Node | None = assignment
    while value is not None and value.type == "assignment":
        target = value.child_by_field_name("left")
        if target is not None:
            chain.append(target)
        value = value.child_by_field_name("right")
    targets: list[tuple[Node, Node | None]] = []
    for target in chain:
        if target.type == "identifier":
            targets.append((target, value))
        elif target.type in ("pattern_list", "tuple_pattern"):
            targets.extend((part, None) for part in target.named_children if part.type == "identifier")
    return targets
