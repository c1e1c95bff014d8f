"""The workspace folders the daemon knows, each indexed in a thread and shared by all its clients."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from tunesmith.server.workspace.workspace import Workspace

log = logging.getLogger(__name__)

ROOT_MARKERS = ("pyproject.toml", ".git")


class Folders:
    """Workspaces by canonical root (`canonical`)."""

    def __init__(self, on_refreshed: Callable[[Path], None]) -> None:
        """`on_refreshed` is called with the root after each indexing."""
        self._folders: dict[Path, _Folder] = {}
        self._on_refreshed = on_refreshed

    async def workspace(self, root: Path) -> Workspace:
        """The workspace of a folder, once it is indexed."""
        folder = self._folder(root)
        await folder.settled()
        return folder.workspace

    @asynccontextmanager
    async def holding(self, root: Path) -> AsyncIterator[Workspace]:
        """The indexed workspace, for work that waits in between: it is not indexed anew meanwhile."""
        folder = self._folder(root)
        await folder.settled()
        folder.hold()
        try:
            yield folder.workspace
        finally:
            folder.release()

    def known(self, root: Path) -> Workspace:
        """As it is now, perhaps not indexed yet: for what cannot wait."""
        return self._folder(root).workspace

    def begin(self, root: Path) -> None:
        """Index a folder that will be asked about."""
        self._folder(root)

    def refresh(self, root: Path, cause: str) -> None:
        """Look at the folder anew, if anybody asked about it yet."""
        if root in self._folders:
            self._folders[root].refresh(cause)

    def _folder(self, root: Path) -> "_Folder":
        folder = self._folders.get(root)
        if folder is None:
            folder = self._folders[root] = _Folder(root, self._on_refreshed)
            folder.refresh("first use")
        return folder


class _Folder:
    """One workspace and the single slot of its refresh: asking again while one runs makes one more, not many."""

    def __init__(self, root: Path, on_refreshed: Callable[[Path], None]) -> None:
        self._root = root
        self._on_refreshed = on_refreshed
        self.workspace = Workspace(root)
        self._running: asyncio.Task[None] | None = None
        self._again: str | None = None
        self._holders = 0

    def refresh(self, cause: str) -> None:
        if self._running is not None or self._holders:
            self._again = cause
            return
        self._running = asyncio.create_task(self._refresh(cause))

    def hold(self) -> None:
        self._holders += 1

    def release(self) -> None:
        self._holders -= 1
        if not self._holders and self._again is not None:
            cause, self._again = self._again, None
            self.refresh(cause)

    async def settled(self) -> None:
        """Wait for the refresh that is going on, however often it starts again."""
        while self._running is not None:
            await asyncio.shield(self._running)

    async def _refresh(self, cause: str) -> None:
        next_cause: str | None = cause
        while next_cause is not None:
            log.info("indexing %s: %s", self._root, next_cause)
            try:
                await asyncio.to_thread(self.workspace.refresh)
            except Exception:
                log.exception("indexing %s failed", self._root)
            next_cause, self._again = self._again, None
        self._running = None
        self._on_refreshed(self._root)


def canonical(path: str | Path) -> Path:
    """The one absolute path of a folder or file, links followed: what workspaces are known by."""
    return Path(path).resolve()


def root_of(file: Path) -> Path:
    """The root of a file that lies in none of the client's folders: the nearest folder above it with a
    pyproject.toml or a repository, else its own."""
    for folder in file.parents:
        if any((folder / marker).exists() for marker in ROOT_MARKERS):
            return folder
    return file.parent
