"""The documents a client has open, as it sees them."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from lsprotocol import types
from pygls.uris import to_fs_path

from tunesmith.server.lsp.line_table import LineTable


class Document(NamedTuple):
    """One open document, as of its last change."""

    uri: str
    """As the client spells it, which is how edits and diagnostics must name it."""
    path: Path
    """Absolute, links followed."""
    version: int
    lines: LineTable

    @property
    def text(self) -> str:
        """The whole of it."""
        return self.lines.text


class Documents:
    """Open documents by path. Texts change by the client's own edits, one after the other."""

    def __init__(self) -> None:
        self.encoding: types.PositionEncodingKind | str = types.PositionEncodingKind.Utf16
        self._open: dict[Path, Document] = {}

    def __iter__(self) -> Iterator[Document]:
        return iter(list(self._open.values()))

    def open(self, item: types.TextDocumentItem) -> Document | None:
        """None for what is no file of this machine."""
        path = file_path(item.uri)
        if path is None:
            return None
        return self._set(Document(item.uri, path, item.version, LineTable(item.text, self.encoding)))

    def change(
        self,
        document: types.VersionedTextDocumentIdentifier,
        changes: Iterable[types.TextDocumentContentChangeEvent],
    ) -> Document | None:
        """None for what is not open."""
        known = self.of_uri(document.uri)
        if known is None:
            return None
        lines = known.lines
        for change in changes:
            lines = LineTable(_changed(lines, change), self.encoding)
        return self._set(known._replace(version=document.version, lines=lines))

    def close(self, uri: str) -> Document | None:
        """The document as it was last. None for what is not open."""
        path = file_path(uri)
        return self._open.pop(path, None) if path else None

    def close_all(self) -> list[Document]:
        """What was open, as it was last."""
        documents, self._open = list(self._open.values()), {}
        return documents

    def of_uri(self, uri: str) -> Document | None:
        """None for what is not open."""
        path = file_path(uri)
        return self._open.get(path) if path else None

    def of_path(self, path: Path) -> Document | None:
        """By absolute path, links followed. None for what is not open."""
        return self._open.get(path)

    def _set(self, document: Document) -> Document:
        self._open[document.path] = document
        return document


def file_path(uri: str) -> Path | None:
    """The canonical path of a `file:` URI, None for any other."""
    path = to_fs_path(uri)
    return Path(path).resolve() if path else None


def _changed(lines: LineTable, change: types.TextDocumentContentChangeEvent) -> str:
    if isinstance(change, types.TextDocumentContentChangeWholeDocument):
        return change.text
    start, end = lines.offset(change.range.start), lines.offset(change.range.end)
    return lines.text[:start] + change.text + lines.text[end:]
