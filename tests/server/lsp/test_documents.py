"""A client's edits, applied as the client applied them."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lsprotocol import types

from tunesmith.server.lsp.documents import Documents, file_path
from tunesmith.server.lsp.line_table import LineTable

URI = "file:///project/a.py"


def opened(text: str, encoding: types.PositionEncodingKind = types.PositionEncodingKind.Utf16) -> Documents:
    documents = Documents()
    documents.encoding = encoding
    documents.open(types.TextDocumentItem(uri=URI, language_id="python", version=1, text=text))
    return documents


def replace(start: tuple[int, int], end: tuple[int, int], text: str) -> types.TextDocumentContentChangePartial:
    range_ = types.Range(types.Position(*start), types.Position(*end))
    return types.TextDocumentContentChangePartial(range=range_, text=text)


def change(documents: Documents, *changes: types.TextDocumentContentChangeEvent, version: int = 2) -> str:
    document = documents.change(types.VersionedTextDocumentIdentifier(uri=URI, version=version), changes)
    assert document is not None
    assert document.version == version
    return document.text


@pytest.mark.parametrize(
    ("before", "start", "end", "text", "after"),
    [
        ("ab\ncd\n", (1, 0), (1, 1), "X", "ab\nXd\n"),
        ("ab\ncd\n", (2, 0), (2, 0), "ef", "ab\ncd\nef"),
        ("ab\r\ncd", (0, 2), (1, 0), "", "abcd"),
        ("x = '😀'\n", (0, 7), (0, 7), "!", "x = '😀!'\n"),
        ("a\x0c\nb\n", (1, 0), (1, 1), "c", "a\x0c\nc\n"),  # a form feed is no line break
        ("", (0, 0), (0, 0), "new", "new"),
    ],
)
def test_incremental_change(before: str, start: tuple[int, int], end: tuple[int, int], text: str, after: str) -> None:
    assert change(opened(before), replace(start, end, text)) == after


def test_changes_of_one_message_follow_each_other() -> None:
    documents = opened("one\n")
    assert change(documents, replace((0, 0), (0, 3), "two\nthree"), replace((1, 0), (1, 5), "four")) == "two\nfour\n"


def test_whole_document() -> None:
    assert change(opened("old"), types.TextDocumentContentChangeWholeDocument(text="new")) == "new"


TEXTS = st.text(alphabet="aé😀\n\r\x0c", max_size=20)


@given(TEXTS, TEXTS, st.sampled_from(list(types.PositionEncodingKind)), st.data())
def test_any_edit_in_any_encoding(
    before: str, inserted: str, encoding: types.PositionEncodingKind, data: st.DataObject
) -> None:
    table = LineTable(before, encoding)
    start = table.offset(table.position(data.draw(st.integers(0, len(before)))))
    end = table.offset(table.position(data.draw(st.integers(start, len(before)))))
    edit = types.TextDocumentContentChangePartial(range=table.range(start, end), text=inserted)
    assert change(opened(before, encoding), edit) == before[:start] + inserted + before[end:]


def test_a_document_that_was_never_opened_is_ignored() -> None:
    document = types.VersionedTextDocumentIdentifier(uri="file:///project/other.py", version=1)
    assert opened("x").change(document, []) is None


def test_closing_forgets() -> None:
    documents = opened("x")
    closed = documents.close(URI)
    assert closed is not None
    assert closed.path == Path("/project/a.py")
    assert documents.of_uri(URI) is None


@pytest.mark.parametrize("uri", ["untitled:Untitled-1", "git:/project/a.py?ref", "vscode-notebook-cell:/a#1"])
def test_what_is_no_file_has_no_path(uri: str) -> None:
    assert file_path(uri) is None


def test_spellings_of_one_file_are_one_document(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    assert file_path((tmp_path / "link" / "a b.py").as_uri()) == file_path(f"file://{tmp_path}/real/a%20b.py")
