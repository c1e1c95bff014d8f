"""The workspace folders the daemon knows, each indexed in a thread and shared by all its clients."""

import asyncio
import logging
from pathlib import Path

from tunesmith.server.workspace import Workspace

log = logging.getLogger(__name__)

ROOT_MARKERS = ("pyproject.toml", ".git")


class Folders:
    def __init__(self) -> None:
        self._folders: dict[Path, _Folder] = {}

    async def workspace(self, root: Path) -> Workspace:
        """The workspace of a folder, once it is indexed. `root` is canonical (`canonical`)."""
        folder = self._folders.get(root)
        if folder is None:
            folder = self._folders[root] = _Folder(root)
            folder.refresh("first use")
        await folder.settled()
        return folder.workspace

    def known(self, root: Path) -> Workspace:
        """As it is now, perhaps not indexed yet. For callers on the daemon's loop that cannot wait."""
        folder = self._folders.get(root)
        if folder is None:
            folder = self._folders[root] = _Folder(root)
        return folder.workspace

    def refresh(self, root: Path, cause: str) -> None:
        """Read the folder anew, once, whatever asks while that goes on."""
        folder = self._folders.get(root)
        if folder is not None:
            folder.refresh(cause)


class _Folder:
    """One workspace and the single slot of its refresh: asking again while one runs makes one more, not many."""

    def __init__(self, root: Path) -> None:
        self.workspace = Workspace(root)
        self._running: asyncio.Task[None] | None = None
        self._again: str | None = None

    def refresh(self, cause: str) -> None:
        if self._running is not None:
            self._again = cause
            return
        self._running = asyncio.create_task(self._refresh(cause))

    async def settled(self) -> None:
        """Wait for the refresh that is going on, however often it starts again."""
        while self._running is not None:
            await asyncio.shield(self._running)

    async def _refresh(self, cause: str) -> None:
        next_cause: str | None = cause
        while next_cause is not None:
            log.info("indexing %s: %s", self.workspace.root, next_cause)
            try:
                await asyncio.to_thread(self.workspace.refresh)
            except Exception:  # noqa: BLE001  a thread's border: the last good index stays
                log.exception("indexing %s failed", self.workspace.root)
            next_cause, self._again = self._again, None
        self._running = None


def canonical(path: str | Path) -> Path:
    return Path(path).resolve()


def root_of(file: Path) -> Path:
    """The root of a file that lies in none of the client's folders: the nearest folder above it with a
    pyproject.toml or a repository, else its own."""
    for folder in file.parents:
        if any((folder / marker).exists() for marker in ROOT_MARKERS):
            return folder
    return file.parent
