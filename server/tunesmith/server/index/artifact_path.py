"""A path expression that is literal: `"x.json"`, `Path(__file__).parent / "compiled" / "x.json"`, `os.path.join(…)`."""

import posixpath
from typing import NamedTuple

from tree_sitter import Node

from tunesmith.server.index.imports import follow
from tunesmith.server.index.names import Names
from tunesmith.server.index.source import arguments


class LiteralPath(NamedTuple):
    path: str
    from_file: bool
    """Relative to the file's folder rather than to where the program runs."""


_FILE = LiteralPath("/__file__", True)
_PATHS = ("pathlib.Path", "pathlib.PurePath", "pathlib.PosixPath", "builtins.str", "os.fspath", "os.path.abspath",
          "os.path.realpath")  # fmt: skip


def read_path(names: Names, node: Node | None) -> LiteralPath | None:
    """The path the expression spells out; None where it is computed."""
    found = _read(names, node, depth=0)
    if found is None or found.path == _FILE.path:
        return None
    if not found.from_file:
        return found
    path = posixpath.relpath(found.path, "/") if not found.path.startswith("/..") else found.path[1:]
    return LiteralPath(path, True)


def _read(names: Names, node: Node | None, depth: int) -> LiteralPath | None:
    source = names.source
    if node is not None and node.type == "identifier" and source.of(node) == "__file__":
        return _FILE
    node = names.bound(node)
    if node is None or depth > 20:
        return None
    text = source.string(node)
    if text is not None:
        return LiteralPath(text.replace("\\", "/"), False)
    match node.type:
        case "binary_operator":
            operator = node.child_by_field_name("operator")
            if operator is None or source.of(operator) != "/":
                return None
            return _join(
                _read(names, node.child_by_field_name("left"), depth + 1),
                _read(names, node.child_by_field_name("right"), depth + 1),
            )
        case "attribute":
            attribute = node.child_by_field_name("attribute")
            if attribute is not None and source.of(attribute) == "parent":
                return _parent(_read(names, node.child_by_field_name("object"), depth + 1))
        case "subscript":
            return _ancestor(names, node, depth)
        case "call":
            return _call(names, node, depth)
    return None


def _ancestor(names: Names, node: Node, depth: int) -> LiteralPath | None:
    """`path.parents[n]`."""
    source = names.source
    parents, index = node.child_by_field_name("value"), node.child_by_field_name("subscript")
    if parents is None or index is None or index.type != "integer" or parents.type != "attribute":
        return None
    attribute = parents.child_by_field_name("attribute")
    if attribute is None or source.of(attribute) != "parents" or not source.of(index).isdecimal():
        return None
    path = _read(names, parents.child_by_field_name("object"), depth + 1)
    for _ in range(min(int(source.of(index)), 100) + 1):
        path = _parent(path)
    return path


def _call(names: Names, call: Node, depth: int) -> LiteralPath | None:
    source = names.source
    function = call.child_by_field_name("function")
    positional, _ = arguments(source, call)
    dotted = source.dotted(function)
    imported = follow(names.imports, dotted) if dotted is not None else None
    full = ".".join(part for part in imported[:2] if part) if imported is not None else f"builtins.{dotted}"
    if full in _PATHS or full == "os.path.join":
        parts = [_read(names, part, depth + 1) for part in positional]
        joined = parts[0] if parts else None
        for part in parts[1:]:
            joined = _join(joined, part)
        return joined
    if full == "os.path.dirname":
        return _parent(_read(names, positional[0], depth + 1)) if positional else None
    if function is not None and function.type == "attribute":
        method, owner = function.child_by_field_name("attribute"), function.child_by_field_name("object")
        name = source.of(method) if method is not None else ""
        if name in ("resolve", "absolute", "as_posix", "expanduser"):
            return _read(names, owner, depth + 1)
        if name == "joinpath":
            joined = _read(names, owner, depth + 1)
            for piece in positional:
                joined = _join(joined, _read(names, piece, depth + 1))
            return joined
        if name in ("with_name", "with_suffix"):
            return None
    return None


def _join(left: LiteralPath | None, right: LiteralPath | None) -> LiteralPath | None:
    if left is None or right is None or right.from_file or left.path == _FILE.path:
        return right if right is not None and left is not None and right.path.startswith("/") else None
    if right.path.startswith("/"):
        return right
    return LiteralPath(posixpath.join(left.path, right.path), left.from_file)


def _parent(path: LiteralPath | None) -> LiteralPath | None:
    """One level up; above the file's folder, `..` is kept, because nothing says how deep that folder lies."""
    if path is None:
        return None
    if (path.from_file and path.path in ("/", "")) or path.path.endswith("/.."):
        return LiteralPath(posixpath.join(path.path, ".."), path.from_file)
    return LiteralPath(posixpath.dirname(path.path) or ".", path.from_file)
