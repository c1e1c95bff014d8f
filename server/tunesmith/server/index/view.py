"""The index at one generation: what was followed is remembered here, and goes with it when a file changes."""

from collections.abc import Callable

from tunesmith.server.index import resolution
from tunesmith.server.index.facts import FileFacts, Program
from tunesmith.server.index.links import Links, Tables
from tunesmith.server.index.promotion import promote


class View:
    def __init__(
        self,
        generation: int,
        indexed: frozenset[str],
        raw: Callable[[str], FileFacts | None],
        read: Callable[[str], FileFacts | None],
        exists: Callable[[str], bool],
        tables: Tables,
    ) -> None:
        """`raw`: facts of indexed files; `read`: of any file of the workspace."""
        self.generation = generation
        self.indexed = indexed
        self.links = Links(raw, exists, tables)
        self._reaching = Links(read, lambda path: read(path) is not None, tables)
        self._promoted: dict[str, FileFacts | None] = {}
        self._programs: dict[tuple[str, str, int | None], Program | None] = {}
        self._metrics: frozenset[tuple[str, str]] | None = None

    def facts(self, path: str) -> FileFacts | None:
        if path not in self._promoted:
            raw = self.links.raw(path)
            self._promoted[path] = promote(self.links, raw, self._used_metrics()) if raw is not None else None
        return self._promoted[path]

    def program(self, path: str, expression: str, line: int | None) -> Program | None:
        key = (path, expression, line)
        if key not in self._programs:
            self._programs[key] = resolution.resolve_program(self.links, path, expression, line=line)
        return self._programs[key]

    def _used_metrics(self) -> frozenset[tuple[str, str]]:
        if self._metrics is None:
            self._metrics = resolution.used_metrics(self._reaching, sorted(self.indexed))
        return self._metrics
