"""The index at one generation. What was followed is remembered by the file it was followed from; after a keystroke
only what looked at the changed file is followed anew."""

from collections.abc import Callable, Mapping

from tunesmith.server.index.facts import FileFacts
from tunesmith.server.index.followed import Followed
from tunesmith.server.index.named import NOTHING_NAMED, NamedInFile

Follow = Callable[[str], Followed]


class View:
    def __init__(
        self, generation: int, indexed: frozenset[str], configured: Mapping[str, NamedInFile], follow: Follow
    ) -> None:
        """`configured`: what the configuration names, by file. `follow` begins at a file with nothing remembered."""
        self.generation = generation
        self.indexed = indexed
        self._configured = configured
        self._follow = follow
        self._followed: dict[str, Followed] = {}
        self._named: dict[str, NamedInFile] | None = None

    def after(self, changed: str) -> "View":
        """The next generation, where this one file's text is another and the files are the same."""
        view = View(self.generation + 1, self.indexed, self._configured, self._follow)
        view._followed = {path: one for path, one in list(self._followed.items()) if changed not in one.seen}
        return view

    def facts(self, path: str) -> FileFacts | None:
        return self.starting(path).facts(self._all_named().get(path, NOTHING_NAMED))

    def starting(self, path: str) -> Followed:
        """What is followed from this file."""
        followed = self._followed.get(path)
        if followed is None:
            followed = self._followed[path] = self._follow(path)
        return followed

    def _all_named(self) -> dict[str, NamedInFile]:
        """What the configuration names, and functions passed as a metric anywhere, by the file that defines them."""
        if self._named is None:
            named = dict(self._configured)
            for path in self.indexed:
                for defining, name in self.starting(path).metrics():
                    here = named.get(defining, NOTHING_NAMED)
                    named[defining] = here._replace(metrics=here.metrics | {name})
            self._named = named
        return self._named
