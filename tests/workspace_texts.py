"""A workspace made of texts: Python files as open documents, everything else on disk."""

from pathlib import Path
from textwrap import dedent

from tunesmith.server.workspace.workspace import Workspace


def workspace_of(root: Path, files: dict[str, str]) -> Workspace:
    """Texts are dedented, a leading line break is dropped."""
    workspace = Workspace(root)
    for path, text in files.items():
        update(workspace, path, text)
    return workspace


def update(workspace: Workspace, path: str, text: str) -> None:
    """Give a file a new text."""
    text = dedent(text.removeprefix("\n")) if text.startswith("\n") else text
    if path.endswith(".py"):
        workspace.index.update(path, text)
    else:
        file = workspace.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
