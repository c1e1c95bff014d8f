"""Which folder a command is about."""

from pathlib import Path

from tunesmith.protocol.folder_layout import WORKSPACE_FOLDER
from tunesmith.server.cli.errors import UsageError

MARKERS = ("pyproject.toml", WORKSPACE_FOLDER)


def find_root(given: str | None, start: Path | None = None) -> Path:
    """The workspace folder: the one given, or the nearest at or above `start` (by default the current folder)
    that has a marker; otherwise the repository's top; otherwise `start` itself.

    The home folder is never guessed: dotfiles kept in git would make everything one workspace.
    Raises `UsageError` where the folder given does not exist.
    """
    if given is not None:
        folder = Path(given).expanduser().resolve()
        if not folder.is_dir():
            raise UsageError(f"--root {given}: there is no such folder")
        return folder
    start = (start or Path.cwd()).resolve()
    first = start if start.is_dir() else start.parent
    for folder in (first, *first.parents):
        if folder == Path.home() and folder != first:
            break
        if any((folder / marker).exists() for marker in MARKERS):
            return folder
        if (folder / ".git").exists():
            return folder
    return first


def existing_path(given: str | None) -> Path | None:
    """Raises `UsageError` where nothing is there."""
    if given is None:
        return None
    path = Path(given).expanduser()
    if not path.exists():
        raise UsageError(f"{given}: there is no such file or folder")
    return path.resolve()


def under_root(path: Path | None, root: Path) -> str | None:
    """`path` relative to the root with forward slashes; None for the root itself.

    Raises `UsageError` where it lies outside.
    """
    if path is None or path == root:
        return None
    if not path.is_relative_to(root):
        raise UsageError(f"{path} lies outside the workspace {root}; name its folder with --root")
    return path.relative_to(root).as_posix()
