"""The index at one generation. What was found starting from a file is remembered with the files that were looked at on
the way; after a keystroke only what looked at the changed file is found anew."""

from collections.abc import Callable, Mapping

from tunesmith.server.index import resolution
from tunesmith.server.index.configured_names import NOTHING_NAMED, NamedInFile
from tunesmith.server.index.facts import FileFacts, Program
from tunesmith.server.index.links import Links, Tables
from tunesmith.server.index.promotion import promote

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


class View:
    def __init__(
        self,
        generation: int,
        indexed: frozenset[str],
        configured: Mapping[str, NamedInFile],
        resolve: Callable[[str], FileResolver],
    ) -> None:
        """`configured`: what the configuration names, by file. `resolve` begins at a file with nothing remembered."""
        self.generation = generation
        self.indexed = indexed
        self._configured = configured
        self._resolve = resolve
        self._resolvers: dict[str, FileResolver] = {}
        self._named: dict[str, NamedInFile] | None = None

    def after(self, changed: str) -> "View":
        """The next generation, where this one file's text is another and the files are the same."""
        view = View(self.generation + 1, self.indexed, self._configured, self._resolve)
        view._resolvers = {path: one for path, one in list(self._resolvers.items()) if changed not in one.seen}
        return view

    def facts(self, path: str) -> FileFacts | None:
        return self.resolver_of(path).facts(self._all_named().get(path, NOTHING_NAMED))

    def resolver_of(self, path: str) -> FileResolver:
        """What is found starting from this file."""
        resolver = self._resolvers.get(path)
        if resolver is None:
            resolver = self._resolvers[path] = self._resolve(path)
        return resolver

    def _all_named(self) -> dict[str, NamedInFile]:
        """What the configuration names, and functions passed as a metric anywhere, by the file that defines them."""
        if self._named is None:
            named = dict(self._configured)
            for path in self.indexed:
                for defining, name in self.resolver_of(path).metrics():
                    here = named.get(defining, NOTHING_NAMED)
                    named[defining] = here._replace(metrics=here.metrics | {name})
            self._named = named
        return self._named
