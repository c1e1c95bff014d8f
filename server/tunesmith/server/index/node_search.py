"""Where in a tree the few statements stand that matter: found by searching the text, then one descent a hit.

Many times cheaper than walking, or querying, the whole tree; what merely looks like a hit (in a string, a comment)
has no such node around it.
"""

import re
from collections.abc import Iterator

from tree_sitter import Node

from tunesmith.server.index.source import Source

_WORD = rb"[\w.\x80-\xff]+"
# A pattern that begins with a plain word is searched for several times faster than one that begins with `\b`.
_IMPORT = re.compile(rb"import\b(?<!\wimport)")
_ASSIGNED_CALL = re.compile(rb"=\s*(?:\\\r?\n\s*)?(" + _WORD + rb")[ \t]*\(")
_METHOD_CALL = {name: re.compile(rb"\.\s*(" + name.encode() + rb")\s*\(") for name in ("compile", "load")}
_METRIC = re.compile(rb"(metric)(?<!\wmetric)\s*=")


def import_statements(source: Source) -> Iterator[Node]:
    last = -1
    for match in _IMPORT.finditer(source.data):
        node = source.at(*match.span())
        while node is not None and not node.type.startswith("import_"):
            node = node.parent if node.type in ("import", "ERROR") else None
        if node is not None and node.type in ("import_statement", "import_from_statement") and node.id != last:
            last = node.id
            yield node


def assigned_calls(source: Source) -> Iterator[tuple[Node, Node]]:
    """(assignment, call) of every `name = callee(…)`."""
    for match in _ASSIGNED_CALL.finditer(source.data):
        call = _parent(source.at(*match.span(1)), "call")
        assignment = _parent(call, "assignment")
        if call is not None and assignment is not None and assignment.child_by_field_name("right") == call:
            yield assignment, call


def method_calls(source: Source, method: str) -> Iterator[Node]:
    """Calls of `….compile(…)` or `….load(…)`."""
    for match in _METHOD_CALL[method].finditer(source.data):
        function = _parent(source.at(*match.span(1)), "attribute")
        call = _parent(function, "call")
        if call is not None and call.child_by_field_name("function") == function:
            yield call


def named_calls(source: Source, name: str) -> Iterator[Node]:
    """Calls of a function of this name, also as an attribute of a module."""
    for match in re.finditer(name.encode() + rb"\b", source.data):
        node = source.at(*match.span())
        function = _parent(node, "attribute") or node
        call = _parent(function, "call")
        if call is not None and call.child_by_field_name("function") == function:
            yield call


def metric_arguments(source: Source) -> Iterator[Node]:
    """What is passed as `metric=`."""
    for match in _METRIC.finditer(source.data):
        keyword = _parent(source.at(*match.span(1)), "keyword_argument")
        value = keyword.child_by_field_name("value") if keyword is not None else None
        if value is not None:
            yield value


def _parent(node: Node | None, kind: str) -> Node | None:
    parent = node.parent if node is not None else None
    return parent if parent is not None and parent.type == kind else None
