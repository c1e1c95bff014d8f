"""Positions in a syntax tree that stay the same where text around them changes."""

import ast
from collections import deque
from collections.abc import Iterator

from tunesmith.server.edits.text.source_text import SourceText

Steps = tuple[tuple[str, int | None], ...]
"""From the root down: a field, and an index where it holds a list."""


def find_node(source: SourceText, start: int, end: int) -> ast.stmt | ast.expr | None:
    """The statement or expression that fills `[start, end)`, the outermost where one consists of another alone."""
    line = source.line_number(start)
    for node in _without_fstrings(source.tree):
        if not isinstance(node, ast.stmt | ast.expr) or node.lineno != line:
            continue
        if (source.start(node), source.end(node)) == (start, end):
            return node
    return None


def steps_to(tree: ast.AST, wanted: ast.AST) -> Steps | None:
    return next((steps for node, steps in _walk(tree, ()) if node is wanted), None)


def node_at(tree: ast.AST, steps: Steps) -> ast.AST | None:
    """None where the tree has another shape."""
    node: object = tree
    for field, index in steps:
        node = getattr(node, field, None)
        if index is not None:
            node = node[index] if isinstance(node, list) and index < len(node) else None
    return node if isinstance(node, ast.AST) else None


def replace_node(tree: ast.AST, steps: Steps, new: ast.AST) -> None:
    field, index = steps[-1]
    parent = node_at(tree, steps[:-1])
    if index is None:
        setattr(parent, field, new)
    else:
        getattr(parent, field)[index] = new


def _without_fstrings(tree: ast.AST) -> Iterator[ast.AST]:
    """Outer nodes before inner ones. What stands in an f-string has no reliable place."""
    waiting: deque[ast.AST] = deque([tree])
    while waiting:
        node = waiting.popleft()
        yield node
        if not isinstance(node, ast.JoinedStr):
            waiting.extend(ast.iter_child_nodes(node))


def _walk(node: ast.AST, steps: Steps) -> Iterator[tuple[ast.AST, Steps]]:
    yield node, steps
    for field, value in ast.iter_fields(node):
        if isinstance(value, ast.AST):
            yield from _walk(value, (*steps, (field, None)))
        elif isinstance(value, list):
            for index, child in enumerate(value):
                if isinstance(child, ast.AST):
                    yield from _walk(child, (*steps, (field, index)))
