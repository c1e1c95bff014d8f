"""What was found starting from one file, and which files were looked at on the way: what it holds for as long as
none of those changes."""

from collections.abc import Callable

from tunesmith.server.index import resolution
from tunesmith.server.index.facts import FileFacts, Program
from tunesmith.server.index.links import Links, Tables
from tunesmith.server.index.named import NamedInFile
from tunesmith.server.index.promotion import promote

Read = Callable[[str], FileFacts | None]


class Followed:
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
