"""The index of one folder, as it changes. Reads files, executes nothing.

Indexed are the files that name dspy, those that import a file of the workspace which does (a class may derive from
one there, a script may load or compile one), and those that the configuration names.
"""

import threading
from pathlib import Path

from tunesmith.server.index import cache
from tunesmith.server.index.cache import CachedFile
from tunesmith.server.index.configured_names import References, named_by_file
from tunesmith.server.index.parsing import parse
from tunesmith.server.index.selection import select_indexed
from tunesmith.server.index.signature_mentions import SignatureMentions
from tunesmith.server.index.sources import OpenDocument, Sources
from tunesmith.server.index.syntax import read_facts
from tunesmith.server.index.view import IndexView, Kept
from tunesmith.server.index.workspace_files import Stamp, decode, glance, list_files, read_bytes, stamp_of


class Index:
    """Facts of a workspace folder. One thread may refresh while another asks its `view`; changes take turns."""

    def __init__(self, root: Path) -> None:
        """Reads nothing yet: see `refresh`."""
        self.root = root
        self._looked = False
        self._sources = Sources(str(root), {}, {})
        self._references = References()
        self._kept = Kept({}, SignatureMentions())
        self._changing = threading.RLock()
        self._view = IndexView(0, self._sources, frozenset(), {}, self._kept)

    @property
    def view(self) -> IndexView:
        """The index as it is now; another object after each change."""
        return self._view

    def refresh(self) -> None:
        """Look at the disk again: read what changed since the last time, or since the last start."""
        base = self._sources.base
        known = self._sources.files if self._looked else cache.load(base)
        listed = list_files(base)
        files: dict[str, CachedFile] = {}
        changed = known.keys() != listed.keys()
        for path, stamp in listed.items():
            held = known.get(path)
            if held is not None and held.mtime_ns == stamp.mtime_ns and held.size == stamp.size:
                files[path] = held
            else:
                changed = True
                files[path] = self._read_file(path, stamp, held)
        if not changed and self._looked:
            return
        with self._changing:
            self._looked = True
            self._reselect(files, self._sources.documents)
        if changed:
            cache.save(base, files)

    def refer(self, references: References) -> None:
        """What the configuration names now. Those files count whatever stands in them."""
        with self._changing:
            if references != self._references:
                self._references = references
                self._reselect(self._sources.files, self._sources.documents)

    def update(self, path: str, text: str) -> None:
        """An open document's text takes the place of the file's."""
        with self._changing:
            documents = self._sources.documents
            last = documents.get(path)
            if last is not None and last.text == text:
                return
            previous = self._sources.facts(path)
            imported = previous.imports if previous is not None else []
            parsed = parse(text, last.parsed if last is not None else None)
            facts = read_facts(path, text, previous, parsed=parsed)
            document = OpenDocument(text, parsed, facts)
            if last is None or facts.imports != imported or ("dspy" in last.text) != ("dspy" in text):
                self._reselect(self._sources.files, {**documents, path: document})
            else:
                documents[path] = document
                self._view = self._view.after(path)

    def restore(self, path: str) -> None:
        """The document was closed: the file counts again."""
        with self._changing:
            documents, files = dict(self._sources.documents), dict(self._sources.files)
            if documents.pop(path, None) is None:
                return
            stamp, held = stamp_of(f"{self._sources.base}/{path}"), files.get(path)
            if stamp is None:
                files.pop(path, None)
            elif held is None or held.stamp != stamp:
                files[path] = self._read_file(path, stamp, held)
            self._reselect(files, documents)

    def _read_file(self, path: str, stamp: Stamp, held: CachedFile | None) -> CachedFile:
        """Parsed only where it names dspy; others wait until an import leads to them."""
        data = read_bytes(f"{self._sources.base}/{path}")
        if data is None:
            return CachedFile(stamp.mtime_ns, stamp.size, False, [], None)
        seen = glance(data)
        facts = read_facts(path, decode(data), held.facts if held is not None else None) if seen.mentions else None
        return CachedFile(stamp.mtime_ns, stamp.size, seen.mentions, seen.imports, facts)

    def _reselect(self, files: dict[str, CachedFile], documents: dict[str, OpenDocument]) -> None:
        """Files came or went, or import others than before: nothing followed so far is certain."""
        self._sources = sources = Sources(self._sources.base, files, documents)
        opened = {path: document.facts for path, document in documents.items()}
        configured = named_by_file(self._references, IndexView(0, sources, frozenset(), {}, self._kept).file_of)
        indexed = select_indexed(files, opened, sources.mentioning(), sources.has_file) | configured.keys()
        for path in indexed - documents.keys():
            sources.facts_on_disk(path)
        self._view = IndexView(self._view.generation + 1, sources, indexed, configured, self._kept)
