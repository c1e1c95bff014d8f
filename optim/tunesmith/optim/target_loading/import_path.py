"""Under which name, and from which folder, Python would import a file of the workspace."""

import sys
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class ImportName:
    """How a file is imported."""

    name: str
    """Dotted, as its own package knows it; a script's stem."""
    folder: Path
    """What must be on `sys.path` for that name."""


def import_name(file: Path) -> ImportName:
    """A file inside packages (folders with `__init__.py`) gets its package name, so relative imports work."""
    parts = [] if file.name == "__init__.py" else [file.stem]
    folder = file.parent
    while is_package(folder):
        parts.insert(0, folder.name)
        folder = folder.parent
    return ImportName(".".join(parts), folder)


def is_package(folder: Path) -> bool:
    """It has an `__init__.py`."""
    return (folder / "__init__.py").is_file()


def put_on_path(root: Path, folder: Path | None = None) -> None:
    """As if Python had been started in the root: the file's own folder first, then the root and its `src`."""
    wanted = [path for path in (folder, root, root / "src") if path is not None and path.is_dir()]
    front = list(dict.fromkeys(str(path.resolve()) for path in wanted))
    sys.path[:] = front + [entry for entry in sys.path if entry not in front]
