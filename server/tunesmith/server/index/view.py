"""The index at one generation: facts by file, programs by expression.

What was found starting from a file is remembered with the files that were looked at on the way; after a keystroke only
what looked at the changed file is found anew.
"""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from tunesmith.server.index import resolution
from tunesmith.server.index.configured_names import NOTHING_NAMED, NamedInFile
from tunesmith.server.index.facts import FileFacts, Program, ResolvedSignature
from tunesmith.server.index.links import Links, Tables
from tunesmith.server.index.promotion import promote
from tunesmith.server.index.signature_mentions import SignatureMentions
from tunesmith.server.index.sources import Sources

Read = Callable[[str], FileFacts | None]


class FileResolver:
    """What is found starting from one file: it holds for as long as no file in `seen` changes."""

    def __init__(self, path: str, raw: Read, read: Read, exists: Callable[[str], bool], tables: Tables) -> None:
        """`raw`: facts of indexed files; `read`: of any file of the workspace."""
        self.path = path
        self.seen: set[str] = set()
        self.links = Links(self._noting(raw), exists, tables)
        self._reaching = Links(self._noting(read), lambda other: read(other) is not None, tables)
        self._metrics: frozenset[tuple[str, str]] | None = None
        self._promoted: tuple[NamedInFile, FileFacts | None] | None = None
        self._programs: dict[tuple[str, int | None], Program | None] = {}
        self._constructions: dict[tuple[str, int | None], resolution.Site | None] = {}

    def metrics(self) -> frozenset[tuple[str, str]]:
        """(path, name) of every function this file passes as a metric."""
        if self._metrics is None:
            self._metrics = resolution.used_metrics(self._reaching, self.path)
        return self._metrics

    def facts(self, named: NamedInFile) -> FileFacts | None:
        """Promoted; `named` are the file's metrics and data sets that are known by their use elsewhere."""
        if self._promoted is None or self._promoted[0] != named:
            raw = self.links.raw(self.path)
            self._promoted = (named, promote(self.links, raw, named) if raw is not None else None)
        return self._promoted[1]

    def program(self, expression: str, line: int | None) -> Program | None:
        key = (expression, line)
        if key not in self._programs:
            self._programs[key] = resolution.resolve_program(self.links, self.path, expression, line=line)
        return self._programs[key]

    def construction(self, expression: str, line: int | None) -> resolution.Site | None:
        key = (expression, line)
        if key not in self._constructions:
            self._constructions[key] = resolution.find_construction(self.links, self.path, expression, line=line)
        return self._constructions[key]

    def _noting(self, read: Read) -> Read:
        def noting(path: str) -> FileFacts | None:
            self.seen.add(path)  # before it is read, so that a change meanwhile is not missed
            return read(path)

        return noting


class Kept(NamedTuple):
    """What goes from one generation to the next: each entry says of which facts or text it was made."""

    tables: Tables
    mentions: SignatureMentions


class IndexView:
    """What can be asked of the index. Texts that no editor holds are read from disk when they are asked for."""

    def __init__(
        self,
        generation: int,
        sources: Sources,
        indexed: frozenset[str],
        configured: Mapping[str, NamedInFile],
        kept: Kept,
    ) -> None:
        """`configured`: what the configuration names, by file."""
        self.generation = generation
        """Another number for each change that may have changed any facts."""
        self._sources = sources
        self._indexed = indexed
        self._configured = configured
        self._kept = kept
        self._resolvers: dict[str, FileResolver] = {}
        self._named: dict[str, NamedInFile] | None = None

    def after(self, changed: str) -> "IndexView":
        """The next generation, where this one file's text is another and the files are the same."""
        view = IndexView(self.generation + 1, self._sources, self._indexed, self._configured, self._kept)
        view._resolvers = {path: one for path, one in list(self._resolvers.items()) if changed not in one.seen}
        return view

    def text(self, path: str) -> str | None:
        """The document's text where it is open, else the file's; None where there is neither."""
        return self._sources.text(path)

    def paths(self) -> list[str]:
        """The indexed files, sorted."""
        return sorted(self._indexed)

    def facts(self, path: str) -> FileFacts | None:
        """The facts of an indexed (or open) file, imports followed: classes are decided, calls belong to programs."""
        return self._resolver_of(path).facts(self._all_named().get(path, NOTHING_NAMED))

    def files(self) -> list[FileFacts]:
        """The facts of every indexed file, by path."""
        return [facts for path in self.paths() if (facts := self.facts(path)) is not None]

    def has_file(self, path: str) -> bool:
        """Whether a path relative to the root is a Python file of the workspace, indexed or not."""
        return self._sources.has_file(path)

    def file_of(self, place: str) -> str | None:
        """The file of a dotted module name (from the root or `root/src`) or of a path that ends in `.py`, if the
        workspace has it."""
        if place.endswith(".py"):
            path = place.replace("\\", "/").removeprefix("./")
            return path if self.has_file(path) else None
        return self._resolver_of("").links.module_file("", place, 0)

    def signature(self, path: str, name: str) -> ResolvedSignature | None:
        """The signature a name stands for in a file, inherited fields included."""
        return resolution.resolve_signature_name(self._resolver_of(path).links, path, name)

    def signature_mentions(self, path: str, name: str, *, is_own: bool) -> tuple[str, ...] | None:
        """The dotted names by which an indexed file speaks of signatures of a name; None where it does not parse.

        `is_own`: it defines one itself, and imports none.
        """
        facts = self.facts(path)
        if facts is None:
            return ()
        return self._kept.mentions.of(path, facts.digest, name, read=self.text, is_own=is_own)

    def program_of_class(self, path: str, name: str) -> Program | None:
        """The program a module class of a file makes."""
        return resolution.resolve_class(self._resolver_of(path).links, path, name)

    def resolve_program(self, path: str, expression: str, *, line: int | None = None) -> Program | None:
        """The program an expression gives at a place of a file; `line` is 0-based. None where it cannot be followed."""
        return self._resolver_of(path).program(expression, line)

    def construction_of(self, path: str, expression: str, *, line: int | None = None) -> resolution.Site | None:
        """The statement that constructs the program an expression gives, where there is exactly one."""
        return self._resolver_of(path).construction(expression, line)

    def _resolver_of(self, path: str) -> FileResolver:
        resolver = self._resolvers.get(path)
        if resolver is None:
            sources = self._sources
            resolver = self._resolvers[path] = FileResolver(
                path, self._raw, sources.facts, sources.has_file, self._kept.tables
            )
        return resolver

    def _raw(self, path: str) -> FileFacts | None:
        return self._sources.facts(path) if path in self._indexed or path in self._sources.documents else None

    def _all_named(self) -> dict[str, NamedInFile]:
        """What the configuration names, and functions passed as a metric anywhere, by the file that defines them."""
        if self._named is None:
            named = dict(self._configured)
            for path in self._indexed:
                for defining, name in self._resolver_of(path).metrics():
                    here = named.get(defining, NOTHING_NAMED)
                    named[defining] = here._replace(metrics=here.metrics | {name})
            self._named = named
        return self._named
