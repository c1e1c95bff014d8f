"""What the words of a command mean: which folder, file, target, interpreter and run."""

import re
import shutil
from pathlib import Path

from tunesmith.protocol import RunSummary
from tunesmith.protocol.folder_layout import WORKSPACE_FOLDER
from tunesmith.server.cli.errors import UsageError, unknown

MARKERS = ("pyproject.toml", WORKSPACE_FOLDER)
"""Of a workspace's top folder."""
LATEST = "latest"
COMPILE_CALL = re.compile(r"(?P<file>.+):(?P<line>\d+)")
"""`FILE:LINE`, the name of a target that the code declares."""
NO_TARGETS = (
    "This workspace has no targets. Declare one in pyproject.toml ([tool.tunesmith.targets.NAME] with program, metric "
    "and trainset), or write an optimizer's compile(program, trainset=…) call."
)


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
    """A file or folder as an absolute path, None where none is given. Raises `UsageError` where nothing is there."""
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


def interpreter(given: str | None) -> str | None:
    """A program as an absolute path. A virtual environment's `python` is a link that must not be followed.

    Raises `UsageError` where there is no such program.
    """
    if given is None:
        return None
    found = shutil.which(Path(given).expanduser())
    if found is None:
        raise UsageError(f"--python {given}: there is no such program")
    return str(Path(found).absolute())


def target_under_root(target: str, root: Path) -> str:
    """`FILE:LINE` as typed in the current folder, relative to the root; a name as it is."""
    place = COMPILE_CALL.fullmatch(target)
    if place is None:
        return target
    file = Path(place["file"]).expanduser().resolve()
    if file.is_file() and file.is_relative_to(root):
        return f"{file.relative_to(root).as_posix()}:{place['line']}"
    return target


def choose_run(runs: list[RunSummary], wanted: str) -> RunSummary:
    """The run a user means by its id, the beginning or end of one, or `latest`.

    Raises `UsageError` where no run or more than one fits.
    """
    newest_first = sorted(runs, key=lambda run: run.created, reverse=True)
    if wanted == LATEST and newest_first:
        return newest_first[0]
    fitting = [run for run in newest_first if run.run_id.startswith(wanted) or run.run_id.endswith(wanted)]
    exact = [run for run in fitting if run.run_id == wanted]
    if len(fitting) == 1 or exact:
        return (exact or fitting)[0]
    if fitting:
        ids = ", ".join(run.run_id for run in fitting)
        raise UsageError(f"{wanted!r} fits more than one run: {ids}.")
    raise unknown("run", wanted, [run.run_id for run in newest_first], none="No run was started in this workspace yet.")
