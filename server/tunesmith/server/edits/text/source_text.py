"""A Python source text and its tree, with offsets in code points."""

import ast
import re
from bisect import bisect_right
from collections.abc import Iterable
from functools import cached_property, lru_cache
from itertools import takewhile

from tunesmith.server.edits.text.literals import LiteralStyle
from tunesmith.server.index import Chunk, NotPython, parse_source

_LINE_BREAK = re.compile(r"\r\n|\r|\n")
_CODING = re.compile(r"^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")
_BOM = "\ufeff"


def parse(text: str) -> ast.Module | None:
    """The tree of a text, or None where this interpreter's grammar cannot read it."""
    try:
        return parse_source(text.removeprefix(_BOM))
    except NotPython:
        return None


class SourceText:
    """A text that parses, and its tree or a part of it. Offsets are code points of the whole text, byte-order mark
    included."""

    def __init__(self, text: str, tree: ast.Module) -> None:
        self.text = text
        self.tree = tree
        self._origin = len(text) - len(text.removeprefix(_BOM))
        self._starts = _line_starts(text, self._origin)

    @classmethod
    def of(cls, text: str) -> "SourceText | None":
        tree = parse(text)
        return None if tree is None else cls(text, tree)

    @classmethod
    def of_chunks(cls, text: str, kept: Iterable[Chunk]) -> "SourceText | None":
        """With the statements of some chunks alone. `kept`: in their order, as `split_chunks` found them."""
        parts: list[str] = []
        position = 0
        for start, end in kept:
            parts += ["\n" * _count_breaks(text, position, start), text[start:end]]
            position = end
        tree = parse("".join(parts))
        return None if tree is None else cls(text, tree)

    def start(self, node: ast.stmt | ast.expr) -> int:
        return self._offset(node.lineno, node.col_offset)

    def end(self, node: ast.stmt | ast.expr) -> int:
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        return self._offset(node.end_lineno, node.end_col_offset)

    def _offset(self, line: int, byte_column: int) -> int:
        """`ast` counts lines from 1 and columns in UTF-8 bytes."""
        start = self._starts[line - 1]
        if self.text.isascii():
            return start + byte_column
        return start + len(self.text[start : start + byte_column].encode()[:byte_column].decode())

    def line_start(self, offset: int) -> int:
        return self._starts[bisect_right(self._starts, offset) - 1]

    def line_end(self, offset: int) -> int:
        """Where the line of `offset` ends, its line break left out."""
        match = _LINE_BREAK.search(self.text, offset)
        return match.start() if match else len(self.text)

    def next_line(self, offset: int) -> int:
        """Where the line after that of `offset` starts, or the text's end."""
        match = _LINE_BREAK.search(self.text, offset)
        return match.end() if match else len(self.text)

    def line_number(self, offset: int) -> int:
        """1-based."""
        return bisect_right(self._starts, offset)

    def is_first_on_line(self, offset: int) -> bool:
        return not self.text[self.line_start(offset) : offset].strip()

    def is_last_on_line(self, end: int) -> bool:
        """Nothing but a comment follows on the line."""
        rest = self.text[end : self.line_end(end)].strip()
        return not rest or rest.startswith("#")

    def indentation(self, offset: int) -> str:
        line = self.text[self.line_start(offset) : self.line_end(offset)]
        return "".join(takewhile(" \t\f".__contains__, line))

    @cached_property
    def newline(self) -> str:
        """The line break most lines end with."""
        windows = self.text.count("\r\n")
        unix = self.text.count("\n") - windows
        mac = self.text.count("\r") - windows
        return max([(unix, "\n"), (windows, "\r\n"), (mac, "\r")], key=lambda counted: counted[0])[1]

    @cached_property
    def indent_unit(self) -> str:
        """A tab where the file indents with tabs, else four spaces."""
        return "\t" if re.search(r"^\t", self.text, re.MULTILINE) else "    "

    @cached_property
    def style(self) -> LiteralStyle:
        """How literals are written here."""
        return LiteralStyle(newline=self.newline, unit=self.indent_unit, unicode=self.is_unicode)

    @property
    def is_unicode(self) -> bool:
        """False where a coding comment declares anything but UTF-8: literals written there stay ASCII."""
        first_lines = self.text[self._origin :].split("\n", 2)[:2]
        declared = [match.group(1) for line in first_lines if (match := _CODING.match(line))]
        return not declared or declared[0].lower().replace("_", "-") in ("utf-8", "utf8")


@lru_cache(maxsize=8)
def _line_starts(text: str, origin: int) -> list[int]:
    return [origin, *(match.end() for match in _LINE_BREAK.finditer(text, origin))]


def _count_breaks(text: str, start: int, end: int) -> int:
    return text.count("\n", start, end) + text.count("\r", start, end) - text.count("\r\n", start, end)
