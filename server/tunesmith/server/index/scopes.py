"""Where a node stands: at module level, under `if __name__ == "__main__":`, or in which function."""

from typing import NamedTuple

from tree_sitter import Node

from tunesmith.server.index.source import Source


class Scope(NamedTuple):
    name: str
    """`module`, `__main__`, or the enclosing function's qualified name."""
    in_class: bool
    is_init: bool


def scope_of(source: Source, node: Node) -> Scope:
    parts: list[str] = []
    guarded = in_function = in_class = False
    current = node.parent
    while current is not None:
        if current.type in ("function_definition", "class_definition"):
            name = current.child_by_field_name("name")
            parts.append(source.of(name) if name is not None else "?")
            in_function = in_function or current.type == "function_definition"
            in_class = in_class or current.type == "class_definition"
        elif current.type == "if_statement" and is_main_guard(source, current):
            guarded = True
        current = current.parent
    if in_function:
        return Scope(".".join(reversed(parts)), in_class, parts[0] == "__init__")
    return Scope("__main__" if guarded else "module", in_class, False)


def is_main_guard(source: Source, statement: Node) -> bool:
    """`if __name__ == "__main__":`"""
    condition = statement.child_by_field_name("condition")
    text = source.of(condition) if condition is not None else ""
    return "__name__" in text and "__main__" in text and "==" in text


def statement_of(node: Node) -> Node:
    """The statement an expression belongs to."""
    while node.parent is not None and node.type != "expression_statement":
        node = node.parent
    return node


def local_names(source: Source, node: Node) -> frozenset[str]:
    """Names the enclosing functions bind: parameters and whatever is assigned, imported or defined inside."""
    names: set[str] = set()
    current = node.parent
    while current is not None:
        if current.type in ("function_definition", "lambda"):
            parameters = current.child_by_field_name("parameters")
            names.update(_identifiers(source, parameters))
            body = current.child_by_field_name("body")
            if body is not None:
                _collect(source, body, names)
        current = current.parent
    return frozenset(names)


def _collect(source: Source, node: Node, names: set[str]) -> None:
    for child in node.named_children:
        if child.type in ("assignment", "for_statement", "named_expression", "augmented_assignment"):
            target = child.child_by_field_name("left") or child.child_by_field_name("name")
            names.update(_identifiers(source, target))
        elif child.type in ("as_pattern_target", "import_statement", "import_from_statement"):
            names.update(_identifiers(source, child))
        elif child.type in ("function_definition", "class_definition"):
            names.update(_identifiers(source, child.child_by_field_name("name")))
            continue
        _collect(source, child, names)


def _identifiers(source: Source, node: Node | None) -> set[str]:
    if node is None or node.type in ("attribute", "subscript", "type"):
        return set()
    if node.type == "identifier":
        return {source.of(node)}
    return {name for child in node.named_children for name in _identifiers(source, child)}
