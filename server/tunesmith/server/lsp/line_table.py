"""Offsets and positions of one text, in the client's encoding. Line breaks are the Language Server Protocol's three
(`\\n`, `\\r\\n`, `\\r`); `str.splitlines` knows eight more, form feed among them, which Python sources do contain."""

import re
from bisect import bisect_right

from lsprotocol.types import Position, PositionEncodingKind, Range

_LINE_BREAK = re.compile(r"\r\n|\n|\r")


class LineTable:
    """`encoding` is what a position's `character` counts: code units of UTF-8, UTF-16 or UTF-32."""

    def __init__(self, text: str, encoding: PositionEncodingKind | str = PositionEncodingKind.Utf16) -> None:
        self.text = text
        self._encoding = encoding
        self._starts = [0]
        self._ends: list[int] = []
        for match in _LINE_BREAK.finditer(text):
            self._ends.append(match.start())
            self._starts.append(match.end())
        self._ends.append(len(text))

    def position(self, offset: int) -> Position:
        """Of a code-point offset; one inside a line break counts as the line's end."""
        offset = min(max(offset, 0), len(self.text))
        line = bisect_right(self._starts, offset) - 1
        return Position(line=line, character=self._units(self.text[self._starts[line] : min(offset, self._ends[line])]))

    def range(self, start: int, end: int) -> Range:
        """Of code-point offsets, the end exclusive."""
        return Range(start=self.position(start), end=self.position(end))

    def offset(self, position: Position) -> int:
        """Of a client's position. One beyond its line is the line's end, one beyond the text the text's end; one
        inside a character is the character's beginning."""
        if position.line >= len(self._starts):
            return len(self.text)
        start, end = self._starts[position.line], self._ends[position.line]
        line = self.text[start:end]
        if self._encoding == PositionEncodingKind.Utf32 or line.isascii():
            return min(start + position.character, end)
        left = position.character
        for index, character in enumerate(line):
            left -= self._units(character)
            if left < 0:
                return start + index
        return end

    def _units(self, piece: str) -> int:
        if self._encoding == PositionEncodingKind.Utf32 or piece.isascii():
            return len(piece)
        if self._encoding == PositionEncodingKind.Utf8:
            return len(piece.encode("utf-8", "surrogatepass"))
        return len(piece.encode("utf-16-le", "surrogatepass")) // 2
