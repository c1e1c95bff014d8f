"""The index of one folder: facts by file, programs by expression. Reads files, executes nothing.

Indexed are the files that name dspy, those that import a file of the workspace which does (a class may derive from
one there, a script may load or compile one), and those that the configuration names.
"""

import threading
from pathlib import Path
from typing import NamedTuple

from tunesmith.server.index import cache, resolution
from tunesmith.server.index.cache import CachedFile
from tunesmith.server.index.configured_names import NamedInFile, References, named_by_file
from tunesmith.server.index.facts import FileFacts, Program, ResolvedSignature
from tunesmith.server.index.links import Tables
from tunesmith.server.index.parsing import Parsed, parse
from tunesmith.server.index.selection import select_indexed
from tunesmith.server.index.signature_mentions import SignatureMentions
from tunesmith.server.index.syntax import read_facts
from tunesmith.server.index.view import FileResolver, View
from tunesmith.server.index.workspace_files import Stamp, decode, glance, list_files, read_bytes, stamp_of


class Overlay(NamedTuple):
    """An open document in place of its file."""

    text: str
    parsed: Parsed
    facts: FileFacts


class Index:
    """Facts of a workspace folder. One thread may refresh while another asks; changes take turns."""

    def __init__(self, root: Path) -> None:
        """Reads nothing yet: see `refresh`."""
        self.root = root
        self._base = str(root)
        self._files: dict[str, CachedFile] | None = None
        self._overlays: dict[str, Overlay] = {}
        self._tables: Tables = {}
        self._references = References()
        self._mentions = SignatureMentions(self.text)
        self._changing = threading.RLock()
        self._view = self._new_view(0, frozenset(), {})

    @property
    def generation(self) -> int:
        """Changes whenever any facts may have."""
        return self._view.generation

    def refresh(self) -> None:
        """Look at the disk again: read what changed since the last time, or since the last start."""
        known = self._files if self._files is not None else cache.load(self._base)
        listed = list_files(self._base)
        files: dict[str, CachedFile] = {}
        changed = known.keys() != listed.keys()
        for path, stamp in listed.items():
            held = known.get(path)
            if held is not None and held.mtime_ns == stamp.mtime_ns and held.size == stamp.size:
                files[path] = held
            else:
                changed = True
                files[path] = self._read_file(path, stamp, held)
        if not changed and self._files is not None:
            return
        with self._changing:
            self._files = files
            self._reselect()
        if changed:
            cache.save(self._base, files)

    def refer(self, references: References) -> None:
        """What the configuration names now. Those files count whatever stands in them."""
        with self._changing:
            if references != self._references:
                self._references = references
                self._reselect()

    def update(self, path: str, text: str) -> None:
        """An open document's text takes the place of the file's."""
        with self._changing:
            last = self._overlays.get(path)
            if last is not None and last.text == text:
                return
            previous = self._facts_of(path)
            imported = previous.imports if previous is not None else []
            parsed = parse(text, last.parsed if last is not None else None)
            facts = read_facts(path, text, previous, parsed=parsed)
            reselect = last is None or facts.imports != imported or ("dspy" in last.text) != ("dspy" in text)
            self._overlays[path] = Overlay(text, parsed, facts)
            if reselect:
                self._reselect()
            else:
                self._view = self._view.after(path)

    def restore(self, path: str) -> None:
        """The document was closed: the file counts again."""
        with self._changing:
            if self._overlays.pop(path, None) is None:
                return
            files = dict(self._files or {})
            stamp, held = stamp_of(f"{self._base}/{path}"), files.get(path)
            if stamp is None:
                files.pop(path, None)
            elif held is None or held.stamp != stamp:
                files[path] = self._read_file(path, stamp, held)
            self._files = files
            self._reselect()

    def text(self, path: str) -> str | None:
        """The document's text where it is open, else the file's; None where there is neither."""
        overlay = self._overlays.get(path)
        if overlay is not None:
            return overlay.text
        data = read_bytes(f"{self._base}/{path}")
        return decode(data) if data is not None else None

    def paths(self) -> list[str]:
        """The indexed files, sorted."""
        return sorted(self._view.indexed)

    def facts(self, path: str) -> FileFacts | None:
        """The facts of an indexed (or open) file, imports followed: classes are decided, calls belong to programs."""
        return self._view.facts(path)

    def files(self) -> list[FileFacts]:
        """The facts of every indexed file, by path."""
        view = self._view
        return [facts for path in sorted(view.indexed) if (facts := view.facts(path)) is not None]

    def has_file(self, path: str) -> bool:
        """Whether a path relative to the root is a Python file of the workspace, indexed or not."""
        return path in (self._files or {}) or path in self._overlays

    def file_of(self, place: str) -> str | None:
        """The file of a dotted module name (from the root or `root/src`) or of a path that ends in `.py`, if the
        workspace has it."""
        if place.endswith(".py"):
            path = place.replace("\\", "/").removeprefix("./")
            return path if self.has_file(path) else None
        return self._view.resolver_of("").links.module_file("", place, 0)

    def signature(self, path: str, name: str) -> ResolvedSignature | None:
        """The signature a name stands for in a file, inherited fields included."""
        return resolution.resolve_signature_name(self._view.resolver_of(path).links, path, name)

    def signature_mentions(self, path: str, name: str, *, is_own: bool) -> tuple[str, ...] | None:
        """The dotted names by which an indexed file speaks of signatures of a name; None where it does not parse.

        `is_own`: it defines one itself, and imports none.
        """
        facts = self.facts(path)
        return self._mentions.of(path, facts.digest, name, is_own=is_own) if facts is not None else ()

    def program_of_class(self, path: str, name: str) -> Program | None:
        """The program a module class of a file makes."""
        return resolution.resolve_class(self._view.resolver_of(path).links, path, name)

    def resolve_program(self, path: str, expression: str, *, line: int | None = None) -> Program | None:
        """The program an expression gives at a place of a file; `line` is 0-based. None where it cannot be followed."""
        return self._view.resolver_of(path).program(expression, line)

    def construction_of(self, path: str, expression: str, *, line: int | None = None) -> resolution.Site | None:
        """The statement that constructs the program an expression gives, where there is exactly one."""
        return self._view.resolver_of(path).construction(expression, line)

    def _read_file(self, path: str, stamp: Stamp, held: CachedFile | None) -> CachedFile:
        """Parsed only where it names dspy; others wait until an import leads to them."""
        data = read_bytes(f"{self._base}/{path}")
        if data is None:
            return CachedFile(stamp.mtime_ns, stamp.size, False, [], None)
        seen = glance(data)
        facts = read_facts(path, decode(data), held.facts if held is not None else None) if seen.mentions else None
        return CachedFile(stamp.mtime_ns, stamp.size, seen.mentions, seen.imports, facts)

    def _disk_facts(self, path: str) -> FileFacts | None:
        file = (self._files or {}).get(path)
        if file is not None and file.facts is None:
            data = read_bytes(f"{self._base}/{path}")
            file.facts = read_facts(path, decode(data)) if data is not None else None
        return file.facts if file is not None else None

    def _facts_of(self, path: str) -> FileFacts | None:
        overlay = self._overlays.get(path)
        return overlay.facts if overlay is not None else self._disk_facts(path)

    def _reselect(self) -> None:
        """Files came or went, or import others than before: nothing followed so far is certain."""
        opened = {path: overlay.facts for path, overlay in self._overlays.items()}
        configured = named_by_file(self._references, self.file_of)
        indexed = select_indexed(self._files or {}, opened, self._mentioning(), self.has_file) | configured.keys()
        for path in indexed - self._overlays.keys():
            self._disk_facts(path)
        self._view = self._new_view(self._view.generation + 1, indexed, configured)

    def _new_view(self, generation: int, indexed: frozenset[str], configured: dict[str, NamedInFile]) -> View:
        def raw(path: str) -> FileFacts | None:
            return self._facts_of(path) if path in indexed or path in self._overlays else None

        def resolve(path: str) -> FileResolver:
            return FileResolver(path, raw, self._facts_of, self.has_file, self._tables)

        return View(generation, indexed, configured, resolve)

    def _mentioning(self) -> set[str]:
        """The files that name dspy, open documents by their own text."""
        on_disk = {path for path, file in (self._files or {}).items() if file.mentions}
        opened = {path for path, overlay in self._overlays.items() if "dspy" in overlay.text}
        return (on_disk - self._overlays.keys()) | opened
