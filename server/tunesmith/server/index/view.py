"""The index at one generation. What was followed is remembered by the file it was followed from; after a keystroke
only what looked at the changed file is followed anew."""

from collections.abc import Callable

from tunesmith.server.index.facts import FileFacts
from tunesmith.server.index.followed import Followed

Follow = Callable[[str], Followed]


class View:
    def __init__(self, generation: int, indexed: frozenset[str], follow: Follow) -> None:
        """`follow` begins at a file with nothing remembered."""
        self.generation = generation
        self.indexed = indexed
        self._follow = follow
        self._followed: dict[str, Followed] = {}
        self._metrics: dict[str, frozenset[str]] | None = None

    def after(self, changed: str) -> "View":
        """The next generation, where this one file's text is another and the files are the same."""
        view = View(self.generation + 1, self.indexed, self._follow)
        view._followed = {path: one for path, one in list(self._followed.items()) if changed not in one.seen}
        return view

    def facts(self, path: str) -> FileFacts | None:
        return self.starting(path).facts(self._used_metrics().get(path, frozenset()))

    def starting(self, path: str) -> Followed:
        """What is followed from this file."""
        followed = self._followed.get(path)
        if followed is None:
            followed = self._followed[path] = self._follow(path)
        return followed

    def _used_metrics(self) -> dict[str, frozenset[str]]:
        """The functions passed as a metric anywhere, by the file that defines them."""
        if self._metrics is None:
            names: dict[str, set[str]] = {}
            for path in self.indexed:
                for defining, name in self.starting(path).metrics():
                    names.setdefault(defining, set()).add(name)
            self._metrics = {path: frozenset(found) for path, found in names.items()}
        return self._metrics
