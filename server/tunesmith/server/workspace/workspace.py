"""One folder: its index and its configuration, as they change."""

from pathlib import Path

from tunesmith.server.index import Index
from tunesmith.server.target_discovery import FILE, Configuration, discover_targets, read_configuration
from tunesmith.server.workspace.snapshot import WorkspaceSnapshot


class Workspace:
    """What is known of a folder: `index` takes the texts of open documents, `snapshot` answers."""

    def __init__(self, root: Path) -> None:
        """Reads nothing yet: see `refresh`."""
        self.root = root
        self.index = Index(root)
        self._pyproject: tuple[str | None, Configuration] | None = None
        self._taken: tuple[Configuration, WorkspaceSnapshot] | None = None

    def refresh(self) -> None:
        """Look at the disk again. May run in a thread while others ask: they see the index as it was, then as it is."""
        self._configuration()
        self.index.refresh()

    def snapshot(self) -> WorkspaceSnapshot:
        """The folder as it is now; the object of last time unless a file or the configuration changed. Reads
        pyproject.toml."""
        configuration = self._configuration()
        held, view = self._taken, self.index.view
        if held is None or held[0] is not configuration or held[1].index is not view:
            taken = WorkspaceSnapshot(
                root=self.root,
                index=view,
                targets=discover_targets(view, configuration),
                settings=configuration.settings,
                problems=configuration.problems,
            )
            held = self._taken = (configuration, taken)
        return held[1]

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
