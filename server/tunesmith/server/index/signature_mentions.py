"""The names by which files speak of a signature. A file is read again only where its text changed, and of an open
document only the chunks that did."""

import ast
import hashlib
import re
from collections.abc import Callable, Iterator
from functools import lru_cache

from tunesmith.server.index.chunks import parse_chunk, split_chunks

_FIELDS_ONLY = ("fields", "input_fields", "output_fields", "model_fields")
"""What can be asked of a signature without looking at its instructions."""

Names = tuple[str, ...]


class SignatureMentions:
    def __init__(self) -> None:
        self._known: dict[str, tuple[str, dict[tuple[str, bool], Names | None]]] = {}

    def of(self, path: str, digest: str, name: str, *, read: Callable[[str], str | None], is_own: bool) -> Names | None:
        """Dotted names that end in `name`, or in what the file imports it as, as often as more than their fields are
        read. None where the text does not parse.

        `digest`: of the facts. `read`: gives a file's text. `is_own`: the file defines a signature of this name and
        imports none; where nothing in it could mean another one, it need not be parsed, and speaks of none.
        """
        known = self._known.get(path)
        if known is None or known[0] != digest:
            known = (digest, {})
        names = known[1]
        if (name, is_own) not in names:
            text = read(path) or ""
            found = _mentions(text, name, is_own=is_own)
            if hashlib.sha256(text.encode("utf-8", errors="replace")).hexdigest() != digest:
                return found  # the file changed, and its facts were not read again yet
            names[name, is_own] = found
            self._known[path] = known
        return names[name, is_own]


def _mentions(text: str, name: str, *, is_own: bool) -> Names | None:
    if name not in text or (is_own and not _may_mean_another(text, name)):
        return ()
    chunks = split_chunks(text)
    if chunks is None:
        return None
    texts = [text[start:end] for start, end in chunks]
    aliases = frozenset({name}.union(*(_aliases(one, name) for one in texts if name in one and "import" in one)))
    return tuple(mention for one in texts if any(alias in one for alias in aliases) for mention in _names(one, aliases))


def _may_mean_another(text: str, name: str) -> bool:
    """By an attribute, or by what an import inside a function binds."""
    return re.search(rf"\.\s*{re.escape(name)}\b|^[ \t]+(from|import)\b", text, re.MULTILINE) is not None


@lru_cache(maxsize=1024)
def _aliases(chunk: str, name: str) -> Names:
    imports = [node for node in ast.walk(parse_chunk(chunk)) if isinstance(node, ast.ImportFrom)]
    return tuple(one.asname for node in imports for one in node.names if one.name == name and one.asname)


@lru_cache(maxsize=1024)
def _names(chunk: str, wanted: frozenset[str]) -> Names:
    return tuple(_names_under(parse_chunk(chunk), wanted))


def _names_under(node: ast.AST, wanted: frozenset[str]) -> Iterator[str]:
    if isinstance(node, ast.Attribute) and node.attr in _FIELDS_ONLY and _last(node.value) in wanted:
        return
    if isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Load) and _last(node) in wanted:
        yield ast.unparse(node)
        return
    for child in ast.iter_child_nodes(node):
        yield from _names_under(child, wanted)


def _last(node: ast.expr) -> str | None:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else None
