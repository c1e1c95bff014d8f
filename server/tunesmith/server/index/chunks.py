"""A source text cut at its left edge into chunks that are Python each, so that a keystroke parses few of them.

A line that begins at the left edge, with no word such as `else`, begins a statement wherever those above are complete.
So a text is Python where each of its chunks is, and has their statements.
"""

import ast
import re
from functools import lru_cache

from tunesmith.server.index.user_syntax import NotPython, parse_source

Chunk = tuple[int, int]
"""Where it begins and ends, in code points of the text."""

_EDGE = re.compile(r"^(?!(?:elif|else|except|finally)\b)[\w@]", re.MULTILINE)
_BOM = "\ufeff"


@lru_cache(maxsize=16)
def split_chunks(text: str) -> tuple[Chunk, ...] | None:
    """The chunks, in order; None where the text does not parse."""
    edges = [match.start() for match in _EDGE.finditer(text) if match.start()]
    chunks: list[Chunk] = []
    start, glued, due = 0, 0, 1
    for edge in [*edges, len(text)]:
        glued += 1
        if glued < due and edge < len(text):
            continue
        if _is_python(text[start:edge]):
            chunks.append((start, edge))
            start, glued, due = edge, 0, 1
        else:  # the edge stands in a string or in brackets, or below a decorator
            due = glued + 1 + glued // 4
    return tuple(chunks) if start == len(text) else None


def parse_chunk(text: str) -> ast.Module:
    """Raises NotPython."""
    return parse_source(text.removeprefix(_BOM))


@lru_cache(maxsize=4096)
def _is_python(chunk: str) -> bool:
    try:
        parse_chunk(chunk)
    except NotPython:
        return False
    return True
