"""Text → syntax tree. An open document's text is parsed from its last tree: a keystroke costs what it changed."""

import threading
from collections.abc import Callable
from typing import NamedTuple

import tree_sitter_python
from tree_sitter import Language, Parser, Point, Tree

PYTHON = Language(tree_sitter_python.language())
_local = threading.local()


class Parsed(NamedTuple):
    """What the next parse of a document starts from. Nobody keeps nodes of the tree."""

    data: bytes
    """The text in UTF-8, in which the tree counts."""
    tree: Tree


def parse(text: str, last: Parsed | None = None) -> Parsed:
    """The same tree with `last`, an earlier text of the document, as without it, only sooner. Of a text with errors
    both are trees, and may differ in how far an error reaches."""
    # A lone surrogate (an editor may send one) becomes one `?`: still one code point.
    data = text.encode("utf-8", errors="replace")
    tree: Tree = _parser().parse(data, _edited(last, data)) if last is not None else _parser().parse(data)
    return Parsed(data, tree)


def _parser() -> Parser:
    parser = getattr(_local, "parser", None)
    if parser is None:  # one per thread: a parser is not safe to share
        parser = _local.parser = Parser(PYTHON)
    return parser


def _edited(last: Parsed, data: bytes) -> Tree:
    """The last tree, with the one stretch of bytes that has changed marked in it."""
    before = last.data
    shorter = min(len(before), len(data))
    start = _longest(shorter, lambda size: before[:size] == data[:size])
    kept = _longest(shorter - start, lambda size: before[len(before) - size :] == data[len(data) - size :])
    end_before, end = len(before) - kept, len(data) - kept
    tree = last.tree.copy()
    tree.edit(start, end_before, end, _point(data, start), _point(before, end_before), _point(data, end))
    return tree


def _longest(limit: int, agrees: Callable[[int], bool]) -> int:
    """The largest size up to `limit` that agrees, where every smaller one does: by bisection, since comparing slices
    is a memcmp and comparing bytes one by one is Python."""
    low = 0
    while low < limit:
        middle = (low + limit + 1) // 2
        if agrees(middle):
            low = middle
        else:
            limit = middle - 1
    return low


def _point(data: bytes, byte: int) -> Point:
    return Point(data.count(b"\n", 0, byte), byte - data.rfind(b"\n", 0, byte) - 1)
