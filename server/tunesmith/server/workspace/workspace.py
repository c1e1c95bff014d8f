"""One folder: its index, its configuration, its targets."""

import difflib
import re
from pathlib import Path

from tunesmith.protocol import ProgramFingerprint
from tunesmith.protocol.index_report import IndexReport
from tunesmith.server.index import Index, Program, fingerprint_of
from tunesmith.server.target_discovery import (
    FILE,
    Configuration,
    ConfigurationProblem,
    FoundTarget,
    Settings,
    discover_targets,
    read_configuration,
)

_PLACE = re.compile(r"(.+):(\d+)")


class UnknownTarget(Exception):
    """No target has this name, or stands at this place."""

    def __init__(self, asked: str, known: list[str]) -> None:
        self.asked = asked
        self.known = known
        super().__init__(f"No target `{asked}`. {_advice(asked, known)}")


class Workspace:
    def __init__(self, root: Path) -> None:
        self.root = root
        self.index = Index(root)
        self._pyproject: tuple[str | None, Configuration] | None = None
        self._targets: tuple[int, Configuration, list[FoundTarget]] | None = None

    def refresh(self) -> None:
        """Look at the disk again. May run in a thread while others ask: they see the index as it was, then as it is."""
        self._configuration()
        self.index.refresh()

    def report(self, within: str | None = None) -> IndexReport:
        """What the index knows of the file or folder `within`, relative to the root; None: of everything."""
        self._configuration()
        return self.index.report(within)

    def settings(self) -> Settings:
        return self._configuration().settings

    def problems(self) -> list[ConfigurationProblem]:
        """What is wrong with the configuration."""
        return self._configuration().problems

    def targets(self) -> list[FoundTarget]:
        """Configured ones first; read again only when a file or the configuration changed."""
        configuration = self._configuration()
        held = self._targets
        if held is None or held[0] != self.index.generation or held[1] is not configuration:
            held = (self.index.generation, configuration, discover_targets(self.index, configuration))
            self._targets = held
        return held[2]

    def find_target(self, text: str) -> FoundTarget:
        """A target by its name, or by `file:line` of its `compile` call. Raises UnknownTarget."""
        targets = self.targets()
        for found in targets:
            if found.target.name == text:
                return found
        place = _PLACE.fullmatch(text)
        if place is not None:
            path, line = self._relative(place.group(1)), int(place.group(2))
            for found in targets:
                if found.path == path and found.anchor.line <= line - 1 <= found.anchor.end_line:
                    return found
        raise UnknownTarget(text, [found.target.name for found in targets])

    def fingerprint(self, program: Program) -> ProgramFingerprint:
        return fingerprint_of(program)

    def _configuration(self) -> Configuration:
        text = self._pyproject_text()
        if self._pyproject is None or self._pyproject[0] != text:
            self._pyproject = (text, read_configuration(text))
            self.index.refer(self._pyproject[1].references)
        return self._pyproject[1]

    def _pyproject_text(self) -> str | None:
        try:
            return (self.root / FILE).read_text(encoding="utf-8", errors="replace")
        except OSError:
            return None

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
