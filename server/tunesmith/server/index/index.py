"""The index of one folder: facts by file, programs by expression. Reads files, executes nothing.

Indexed are the files that name dspy, and those that import a file of the workspace which does: a class may derive
from one there, a script may load or compile one.
"""

from pathlib import Path

from tunesmith.protocol.index_report import IndexReport
from tunesmith.server.index import cache, resolution
from tunesmith.server.index.cache import CachedFile
from tunesmith.server.index.facts import FileFacts, Program, ResolvedSignature
from tunesmith.server.index.links import Links
from tunesmith.server.index.promotion import promote
from tunesmith.server.index.report import index_report
from tunesmith.server.index.syntax import read_facts
from tunesmith.server.index.workspace_files import decode, glance, list_files, read_bytes, stamp_of


class Index:
    """Facts of a workspace folder. Not safe to share between threads."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.generation = 0
        """Changes whenever any facts may have."""
        self._base = str(root)
        self._files: dict[str, CachedFile] = {}
        self._overlays: dict[str, str] = {}
        self._overlay_facts: dict[str, FileFacts] = {}
        self._indexed: set[str] = set()
        self._links = Links(self._raw, self._exists)
        self._promoted: dict[str, FileFacts | None] = {}
        self._programs: dict[tuple[str, str, int | None], Program | None] = {}
        self._metric_names: frozenset[tuple[str, str]] | None = None

    def refresh(self) -> None:
        """Look at the disk again: read what changed since the last time, or since the last start."""
        known = self._files or cache.load(self._base)
        listed = list_files(self._base)
        files: dict[str, CachedFile] = {}
        changed = not self._files or known.keys() != listed.keys()
        for path, stamp in listed.items():
            held = known.get(path)
            if held is not None and held.mtime_ns == stamp.mtime_ns and held.size == stamp.size:
                files[path] = held
                continue
            changed = True
            data = read_bytes(f"{self._base}/{path}")
            seen = glance(data) if data is not None else None
            file = CachedFile(
                stamp.mtime_ns, stamp.size, bool(seen and seen.mentions), seen.imports if seen else [], None
            )
            if data is not None and file.mentions:
                file.facts = read_facts(path, decode(data), held.facts if held is not None else None)
            files[path] = file
        if not changed:
            return
        self._files = files
        self._select()
        self._changed()
        cache.save(self._base, self._files)

    def update(self, path: str, text: str) -> None:
        """An open document's text takes the place of the file's."""
        previous = self._overlay_facts.get(path) or self._disk_facts(path)
        self._overlays[path] = text
        self._overlay_facts[path] = read_facts(path, text, previous)
        if ("dspy" in text or "tunesmith" in text) and path not in self._indexed:
            self._select()
        self._changed()

    def restore(self, path: str) -> None:
        """The document was closed: the file counts again."""
        if self._overlays.pop(path, None) is None:
            return
        del self._overlay_facts[path]
        stamp = stamp_of(f"{self._base}/{path}")
        held = self._files.get(path)
        if stamp is None:
            self._files.pop(path, None)
        elif held is None or held.stamp != stamp:
            data = read_bytes(f"{self._base}/{path}")
            seen = glance(data or b"")
            facts = read_facts(path, decode(data), held.facts if held else None) if data and seen.mentions else None
            self._files[path] = CachedFile(stamp.mtime_ns, stamp.size, seen.mentions, seen.imports, facts)
        self._select()
        self._changed()

    def text(self, path: str) -> str | None:
        """The document's text where it is open, else the file's; None where there is neither."""
        overlay = self._overlays.get(path)
        if overlay is not None:
            return overlay
        data = read_bytes(f"{self._base}/{path}")
        return decode(data) if data is not None else None

    def paths(self) -> list[str]:
        """The indexed files, sorted."""
        return sorted(self._indexed)

    def facts(self, path: str) -> FileFacts | None:
        """The facts of an indexed (or open) file, imports followed: classes are decided, calls belong to programs."""
        if path not in self._promoted:
            raw = self._raw(path)
            self._promoted[path] = promote(self._links, raw, self._metrics()) if raw is not None else None
        return self._promoted[path]

    def files(self) -> list[FileFacts]:
        """The facts of every indexed file, in the order of their paths."""
        return [facts for path in self.paths() if (facts := self.facts(path)) is not None]

    def has_file(self, path: str) -> bool:
        """Whether a path relative to the root is a Python file of the workspace, indexed or not."""
        return self._exists(path)

    def module_file(self, module: str) -> str | None:
        """The file of a dotted module name, from the root or `root/src`."""
        return self._links.module_file("", module, 0)

    def signature(self, path: str, name: str) -> ResolvedSignature | None:
        """The signature a name stands for in a file, inherited fields included."""
        return resolution.resolve_signature_name(self._links, path, name)

    def program_of_class(self, path: str, name: str) -> Program | None:
        """The program a module class of a file makes."""
        return resolution.resolve_class(self._links, path, name)

    def resolve_program(self, path: str, expression: str, *, line: int | None = None) -> Program | None:
        """The program an expression gives at a place of a file; `line` is 0-based. None where it cannot be followed."""
        key = (path, expression, line)
        if key not in self._programs:
            self._programs[key] = resolution.resolve_program(self._links, path, expression, line=line)
        return self._programs[key]

    def construction_of(self, path: str, expression: str, *, line: int | None = None) -> resolution.Site | None:
        """The statement that constructs the program an expression gives, where there is exactly one."""
        return resolution.find_construction(self._links, path, expression, line=line)

    def report(self, within: str | None = None) -> IndexReport:
        """What `tunesmith index --json` prints of the file or folder `within`; None: everything."""
        return index_report(self, within)

    def _raw(self, path: str) -> FileFacts | None:
        overlay = self._overlay_facts.get(path)
        return overlay if overlay is not None else self._disk_facts(path) if path in self._indexed else None

    def _disk_facts(self, path: str) -> FileFacts | None:
        """Facts of a file on disk, read when first asked for where it does not name dspy."""
        file = self._files.get(path)
        if file is None:
            return None
        if file.facts is None:
            data = read_bytes(f"{self._base}/{path}")
            file.facts = read_facts(path, decode(data)) if data is not None else None
        return file.facts

    def _exists(self, path: str) -> bool:
        return path in self._files or path in self._overlays

    def _select(self) -> None:
        """Which files are indexed: those that name dspy, and their importers (through packages, any number of hops)."""
        chosen = {path for path, file in self._files.items() if file.mentions and path not in self._overlays}
        chosen.update(path for path, text in self._overlays.items() if "dspy" in text or "tunesmith" in text)
        links = Links(lambda path: None, self._exists)
        fresh = chosen
        while fresh:
            stems = {_module_stem(path) for path in fresh}
            importers = set()
            for path, file in self._files.items():
                if path in chosen:
                    continue
                for module in file.imports:
                    if module.rpartition(".")[2] in stems:
                        name = module.lstrip(".")
                        if links.module_file(path, name, len(module) - len(name)) in fresh:
                            importers.add(path)
                            break
            chosen = chosen | importers
            fresh = {path for path in importers if path.endswith("__init__.py")}
        for path in chosen:
            if path in self._files:
                self._disk_facts(path)
        self._indexed = chosen

    def _metrics(self) -> frozenset[tuple[str, str]]:
        if self._metric_names is None:
            self._metric_names = resolution.used_metrics(self._links, self._indexed, self._disk_facts)
        return self._metric_names

    def _changed(self) -> None:
        self.generation += 1
        self._links = Links(self._raw, self._exists)
        self._promoted = {}
        self._programs = {}
        self._metric_names = None


def _module_stem(path: str) -> str:
    """The last part of the module's name."""
    parts = path.removesuffix(".py").split("/")
    if parts[-1] == "__init__":
        parts.pop()
    return parts[-1] if parts else ""
