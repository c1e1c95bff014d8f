"""Positions in three encodings, over every line break the protocol knows and those it does not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lsprotocol.types import Position, PositionEncodingKind

from tunesmith.server.lsp.line_table import LineTable

UTF8, UTF16, UTF32 = PositionEncodingKind.Utf8, PositionEncodingKind.Utf16, PositionEncodingKind.Utf32

TEXTS = st.text(alphabet="aé€😀\n\r\x0c\u2028\x85 ", max_size=40)
ENCODINGS = st.sampled_from([UTF8, UTF16, UTF32])


@pytest.mark.parametrize(
    ("text", "offset", "encoding", "line", "character"),
    [
        ("", 0, UTF16, 0, 0),
        ("abc", 3, UTF16, 0, 3),
        ("a\nb", 2, UTF16, 1, 0),
        ("a\r\nb", 3, UTF16, 1, 0),
        ("a\r\nb", 2, UTF16, 0, 1),  # inside the line break: the line's end
        ("a\rb", 2, UTF16, 1, 0),
        ("a\x0cb\u2028c\x85d", 7, UTF16, 0, 7),  # no line breaks of the protocol
        ("é€😀x", 4, UTF8, 0, 10),
        ("é€😀x", 4, UTF16, 0, 5),
        ("é€😀x", 4, UTF32, 0, 4),
        ("a\n", 2, UTF16, 1, 0),
        ("abc", 99, UTF16, 0, 3),
    ],
)
def test_position(text: str, offset: int, encoding: PositionEncodingKind, line: int, character: int) -> None:
    assert LineTable(text, encoding).position(offset) == Position(line, character)


@pytest.mark.parametrize(
    ("text", "line", "character", "encoding", "offset"),
    [
        ("ab\ncd", 0, 99, UTF16, 2),  # beyond the line: its end
        ("ab\ncd", 7, 0, UTF16, 5),  # beyond the text: its end
        ("😀x", 0, 1, UTF16, 0),  # inside a character: its beginning
        ("😀x", 0, 2, UTF16, 1),
        ("😀x", 0, 3, UTF8, 0),
        ("😀x", 0, 1, UTF32, 1),
    ],
)
def test_offset(text: str, line: int, character: int, encoding: PositionEncodingKind, offset: int) -> None:
    assert LineTable(text, encoding).offset(Position(line, character)) == offset


@given(TEXTS, ENCODINGS, st.data())
def test_offsets_survive_the_way_out_and_back(text: str, encoding: PositionEncodingKind, data: st.DataObject) -> None:
    table = LineTable(text, encoding)
    offset = data.draw(st.integers(0, len(text)))
    back = table.offset(table.position(offset))
    assert back == offset or text[back:offset] == "\r"  # between \r and \n there is no position
