"""A folder as it was when somebody looked: what can be asked of it without looking at it again."""

import difflib
import re
from pathlib import Path

from msgspec import Struct

from tunesmith.server.index import IndexView
from tunesmith.server.target_discovery import FILE, ConfigurationProblem, FoundTarget, Settings

_PLACE = re.compile(r"(.+):(\d+)")


class UnknownTarget(Exception):
    """No target has this name, or stands at this place."""

    def __init__(self, asked: str, known: list[str]) -> None:
        """`known`: the names there are."""
        self.asked = asked
        self.known = known
        super().__init__(f"No target `{asked}`. {_advice(asked, known)}")


class WorkspaceSnapshot(Struct, frozen=True, kw_only=True):
    """One folder, its code and its configuration, at one generation of the index."""

    root: Path
    index: IndexView
    targets: list[FoundTarget]
    """Those pyproject.toml names first, then `compile` calls by file and line."""
    settings: Settings
    problems: list[ConfigurationProblem]
    """What is wrong with the configuration."""

    def find_target(self, text: str) -> FoundTarget:
        """A target by its name, or by `file:line` of its `compile` call. Raises `UnknownTarget`."""
        for found in self.targets:
            if found.target.name == text:
                return found
        place = _PLACE.fullmatch(text)
        if place is not None:
            path, line = self._relative(place.group(1)), int(place.group(2))
            for found in self.targets:
                if found.path == path and found.anchor.line <= line - 1 <= found.anchor.end_line:
                    return found
        raise UnknownTarget(text, [found.target.name for found in self.targets])

    def _relative(self, path: str) -> str:
        given = Path(path)
        if given.is_absolute():
            given = given.relative_to(self.root) if given.is_relative_to(self.root) else given
        return given.as_posix().removeprefix("./")


def _advice(asked: str, known: list[str]) -> str:
    if not known:
        return (
            "This workspace has none: call `optimizer.compile(program, trainset=…)` in your code, "
            f"or add [tool.tunesmith.targets.NAME] to {FILE}."
        )
    close = difflib.get_close_matches(asked, known, n=1)
    meant = f"Did you mean `{close[0]}`? " if close else ""
    return f"{meant}Known: {', '.join(f'`{name}`' for name in known)}."
