"""Plain data as Python source, laid out as black would."""

import re
from collections.abc import Iterator

from msgspec import Struct

WIDTH = 88
"""Black's default."""

_WORD = re.compile(r" (?=[^ ])")
_SHORT_ESCAPES = {"\n": "\\n", "\r": "\\r", "\t": "\\t", "\\": "\\\\"}


class LiteralStyle(Struct, frozen=True, kw_only=True):
    newline: str = "\n"
    unit: str = "    "
    """One level of indentation."""
    unicode: bool = True
    """False: only ASCII characters are written."""


def format_literal(value: object, *, indent: str, column: int, style: LiteralStyle) -> str:
    """`value` (what JSON can carry) as an expression that starts at `column` of a line indented by `indent`.

    It stays on its line where it fits; otherwise one item a line, long strings in parentheses. Its own trailing
    comma or bracket is counted. Raises TypeError on anything but JSON's types.
    """
    if not _can_break(value) or column + _least_width(value) < WIDTH:
        flat = format_flat(value, style)
        if column + len(flat) + 1 <= WIDTH or not _can_break(value):
            return flat
    inner = indent + style.unit
    if isinstance(value, str):
        lines = _split_string(value, WIDTH - width(inner), style)
        is_narrower = len(lines) > 1 or width(inner) < column
        return _bracketed("(", ")", lines, indent, inner, style) if is_narrower else format_flat(value, style)
    if isinstance(value, dict):
        items = [
            f"{(key := format_flat(name, style))}: "
            + format_literal(item, indent=inner, column=width(inner) + len(key) + 2, style=style)
            + ","
            for name, item in value.items()
        ]
        return _bracketed("{", "}", items, indent, inner, style)
    assert isinstance(value, list)
    items = [format_literal(item, indent=inner, column=width(inner), style=style) + "," for item in value]
    return _bracketed("[", "]", items, indent, inner, style)


def format_argument(text: str, *, indent: str, column: int, style: LiteralStyle) -> str:
    """A string as the only argument of a call, whose parentheses serve for its own."""
    literal = format_literal(text, indent=indent, column=column, style=style)
    return literal[1:-1] if literal.startswith("(") else literal


def _can_break(value: object) -> bool:
    return isinstance(value, str | list | dict) and bool(value)


def _least_width(value: object) -> int:
    """Columns that a value takes on one line if nothing in it is escaped: cheaper than to write it there."""
    match value:
        case str():
            return len(value) + 2
        case list():
            return (2 * len(value) or 2) + sum(map(_least_width, value))
        case dict():
            return (4 * len(value) or 2) + sum(map(_least_width, (*value, *value.values())))
    return 1


def width(indent: str) -> int:
    """Columns, a tab being four."""
    return len(indent.expandtabs(4))


def _bracketed(left: str, right: str, lines: list[str], indent: str, inner: str, style: LiteralStyle) -> str:
    return style.newline.join([left, *(inner + line for line in lines), indent + right])


def format_flat(value: object, style: LiteralStyle) -> str:
    """The same on one line, however long."""
    if value is None or isinstance(value, bool | int | float):
        return repr(value)
    if isinstance(value, str):
        return _quoted(value, _quote_for(value), style)
    if isinstance(value, list):
        return f"[{', '.join(format_flat(item, style) for item in value)}]"
    if isinstance(value, dict):
        return (
            "{"
            + ", ".join(f"{format_flat(key, style)}: {format_flat(item, style)}" for key, item in value.items())
            + "}"
        )
    raise TypeError(f"{type(value).__name__} is not a literal")


def _quote_for(text: str) -> str:
    """Double quotes, unless single ones need fewer escapes."""
    return "'" if text.count('"') > text.count("'") else '"'


def _quoted(text: str, quote: str, style: LiteralStyle) -> str:
    return quote + _escaped(text, quote, style) + quote


def _escaped(text: str, quote: str, style: LiteralStyle) -> str:
    return "\\n".join(_escaped_line(line, quote, style) for line in text.split("\n"))


def _escaped_line(text: str, quote: str, style: LiteralStyle) -> str:
    if text.isprintable() and (style.unicode or text.isascii()):
        return text.replace("\\", "\\\\").replace(quote, "\\" + quote)
    return "".join("\\" + quote if character == quote else escape(character, style) for character in text)


def escape(character: str, style: LiteralStyle) -> str:
    """A character inside quotes. What does not show (controls, bidirectional marks, lone surrogates) is spelled out."""
    if character in _SHORT_ESCAPES:
        return _SHORT_ESCAPES[character]
    if character.isprintable() and (style.unicode or character.isascii()):
        return character
    code = ord(character)
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def _split_string(text: str, width: int, style: LiteralStyle) -> list[str]:
    """Adjacent string literals that add up to `text`, broken after line breaks and before words."""
    quote = _quote_for(text)
    *ended, last = text.split("\n")
    lines = [(_escaped_line(line, quote, style), "\\n") for line in ended]
    lines += [(_escaped_line(last, quote, style), "")] if last else []
    return [quote + part + quote for line, ending in lines for part in _split_line(line, ending, width - 2)]


def _split_line(line: str, ending: str, width: int) -> Iterator[str]:
    """As many words as fit, at least one. White space belongs to the word before it."""
    words_end = len(line.rstrip(" "))
    start = 0
    while len(line) + len(ending) - start > width:
        end = line.rfind(" ", start, min(start + width, words_end)) + 1
        if end and line[end] == " ":  # only a part of this white space fits
            end = line.rfind(" ", start, len(line[:end].rstrip(" "))) + 1
        if not end:
            next_word = _WORD.search(line, start)
            if next_word is None:
                break
            end = next_word.end()
        yield line[start:end]
        start = end
    yield line[start:] + ending
