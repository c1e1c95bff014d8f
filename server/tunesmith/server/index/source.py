"""One file's text beside its syntax tree: node → text, span in code points, literal.

tree-sitter counts UTF-8 bytes; everything that leaves this package counts code points.
"""

import ast
import re
from bisect import bisect_right

from tree_sitter import Node

from tunesmith.server.index.facts import Span
from tunesmith.server.index.parsing import Parsed, parse
from tunesmith.server.index.user_syntax import NotPython, parse_expression

_DOTTED = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*")


class Source:
    """A text and its tree. Lives only while facts are read from it."""

    def __init__(self, text: str, parsed: Parsed | None = None) -> None:
        """`parsed`: of this text, where the caller has it."""
        self.text = text
        self.data, self.tree = parsed or parse(text)
        self.root = self.tree.root_node
        self._ascii = len(self.data) == len(text)
        self._line_bytes: list[int] = []
        self._line_points: list[int] | None = None
        if not self._ascii:
            self._measure_lines()

    def of(self, node: Node) -> str:
        """The node's source text."""
        return self.data[node.start_byte : node.end_byte].decode("utf-8", errors="replace")

    def dotted(self, node: Node | None) -> str | None:
        """`a.b.c` where the node is a name or an attribute of one; None otherwise."""
        if node is None or node.type not in ("identifier", "attribute"):
            return None
        text = self.of(node)
        return text if _DOTTED.fullmatch(text) else None

    def span(self, node: Node) -> Span:
        start, end = node.start_byte, node.end_byte
        first, last = node.start_point, node.end_point
        if self._ascii:
            return Span(
                start=start,
                end=end,
                line=first.row,
                column=first.column,
                end_line=last.row,
                end_column=last.column,
            )
        return self.between(self.point(start), self.point(end))

    def between(self, start: int, end: int) -> Span:
        """The span of two code-point offsets."""
        if self._line_points is None:
            self._line_points = line_starts(self.text)
        return span_between(self.text, start, end, lines=self._line_points)

    def point(self, byte: int) -> int:
        """The code-point offset of a byte offset."""
        if self._ascii:
            return byte
        row = bisect_right(self._line_bytes, byte) - 1
        line = self.data[self._line_bytes[row] : byte]
        return (self._line_points or [0])[row] + len(line.decode("utf-8", errors="ignore"))

    def at(self, start: int, end: int) -> Node | None:
        """The smallest node around two byte offsets."""
        node: Node | None = self.root.descendant_for_byte_range(start, end)
        return node

    def literal(self, node: Node | None) -> object:
        """The Python value the node spells out; None where it is not a literal (or is `None`)."""
        if node is None:
            return None
        try:
            value: object = ast.literal_eval(parse_expression(self.of(node)))
        except (NotPython, ValueError, TypeError, MemoryError, RecursionError):
            return None
        return value

    def string(self, node: Node | None) -> str | None:
        """The string the node spells out, implicit concatenation included."""
        if node is None or node.type not in ("string", "concatenated_string", "parenthesized_expression"):
            return None
        value = self.literal(node)
        return value if isinstance(value, str) else None

    def _measure_lines(self) -> None:
        byte = point = 0
        self._line_points = []
        for line in self.data.split(b"\n"):
            self._line_bytes.append(byte)
            self._line_points.append(point)
            byte += len(line) + 1
            point += len(line.decode("utf-8")) + 1


def line_starts(text: str) -> list[int]:
    """Code-point offsets at which lines begin; lines end with a line feed."""
    starts = [0]
    starts.extend(match.end() for match in re.finditer("\n", text))
    return starts


def span_between(text: str, start: int, end: int, *, lines: list[int] | None = None) -> Span:
    """The span of two code-point offsets, clamped to the text."""
    lines = lines if lines is not None else line_starts(text)
    start = max(0, min(start, len(text)))
    end = max(start, min(end, len(text)))
    line, end_line = bisect_right(lines, start) - 1, bisect_right(lines, end) - 1
    return Span(
        start=start,
        end=end,
        line=line,
        column=start - lines[line],
        end_line=end_line,
        end_column=end - lines[end_line],
    )


def arguments(source: Source, call: Node) -> tuple[list[Node], dict[str, Node]]:
    """Positional and keyword arguments of a call. Starred ones are left out."""
    positional: list[Node] = []
    keywords: dict[str, Node] = {}
    listed = call.child_by_field_name("arguments")
    for node in listed.named_children if listed is not None else []:
        if node.type == "keyword_argument":
            name, value = node.child_by_field_name("name"), node.child_by_field_name("value")
            if name is not None and value is not None:
                keywords[source.of(name)] = value
        elif node.type not in ("comment", "list_splat", "dictionary_splat"):
            positional.append(node)
    return positional, keywords


def unwrapped(node: Node | None) -> Node | None:
    """The node inside any parentheses."""
    while node is not None and node.type == "parenthesized_expression":
        inner = [child for child in node.named_children if child.type != "comment"]
        node = inner[0] if inner else None
    return node
