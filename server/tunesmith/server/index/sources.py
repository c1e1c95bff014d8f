"""What the index reads facts from: the files of a folder, and open documents in their place."""

from typing import NamedTuple

from tunesmith.server.index.cache import CachedFile
from tunesmith.server.index.facts import FileFacts
from tunesmith.server.index.parsing import Parsed
from tunesmith.server.index.syntax import read_facts
from tunesmith.server.index.workspace_files import decode, read_bytes


class OpenDocument(NamedTuple):
    """A document in place of its file."""

    text: str
    parsed: Parsed
    facts: FileFacts


class Sources:
    """Files as one look at the disk found them. Documents are those of now: a keystroke changes them in place."""

    def __init__(self, base: str, files: dict[str, CachedFile], documents: dict[str, OpenDocument]) -> None:
        """`base`: the folder. Both by path relative to it, with forward slashes."""
        self.base = base
        self.files = files
        self.documents = documents

    def text(self, path: str) -> str | None:
        document = self.documents.get(path)
        if document is not None:
            return document.text
        data = read_bytes(f"{self.base}/{path}")
        return decode(data) if data is not None else None

    def facts(self, path: str) -> FileFacts | None:
        """Of the file alone, imports not followed."""
        document = self.documents.get(path)
        return document.facts if document is not None else self.facts_on_disk(path)

    def facts_on_disk(self, path: str) -> FileFacts | None:
        """Read where nothing led to the file yet."""
        file = self.files.get(path)
        if file is not None and file.facts is None:
            data = read_bytes(f"{self.base}/{path}")
            file.facts = read_facts(path, decode(data)) if data is not None else None
        return file.facts if file is not None else None

    def has_file(self, path: str) -> bool:
        return path in self.files or path in self.documents

    def mentioning(self) -> set[str]:
        """The files that name dspy, open documents by their own text."""
        on_disk = {path for path, file in self.files.items() if file.mentions}
        opened = {path for path, document in self.documents.items() if "dspy" in document.text}
        return (on_disk - self.documents.keys()) | opened
