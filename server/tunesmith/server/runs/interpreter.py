"""Which Python runs a workspace's programs, and why that one."""

import importlib.util
import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct

from tunesmith.server.errors import InterpreterUnusable
from tunesmith.server.runs.probe import probe_interpreter


class Interpreter(Struct, frozen=True):
    """A chosen Python."""

    path: str
    reason: str
    """Where the choice comes from, in a few words."""


async def choose_interpreter(
    root: Path, *, requested: str | None, configured: str | None, environment: Mapping[str, str]
) -> Interpreter:
    """The first of: the request's, `[tool.tunesmith] interpreter`, the root's virtual environment, the client's, the
    client's `python` where it has what a worker needs, this process's own where it has.

    Raises `InterpreterUnusable` where the one asked for does not exist, or there is none at all.
    """
    for asked, reason in ((requested, "asked for"), (configured, "[tool.tunesmith] interpreter")):
        if asked:
            return Interpreter(_existing(asked, root, environment, reason), reason)
    for folder in (root / ".venv", root / "venv"):
        if python := _python_of(folder):
            return Interpreter(python, f"the workspace's {folder.name}")
    if (active := environment.get("VIRTUAL_ENV")) and (python := _python_of(Path(active))):
        return Interpreter(python, "the client's active virtual environment")
    on_path = _on_path("python3", environment) or _on_path("python", environment)
    if on_path:
        probe = await probe_interpreter(on_path, environment)
        if (probe is not None and probe.is_fit) or not _own_is_fit():
            return Interpreter(on_path, "on the client's PATH")
    if _own_is_fit():
        return Interpreter(sys.executable, "tunesmith's own: none in the workspace or on PATH has tunesmith and dspy")
    raise InterpreterUnusable(
        "No Python interpreter",
        f"was found for {root}",
        "Create `.venv` there, or set `interpreter` under [tool.tunesmith] in pyproject.toml.",
    )


def _existing(asked: str, root: Path, environment: Mapping[str, str], reason: str) -> str:
    if os.sep in asked or (os.altsep and os.altsep in asked):
        # Not resolved further: a virtual environment's python is a link, and following it would leave the environment.
        path = str(root / Path(asked).expanduser())
        found: str | None = path if os.access(path, os.X_OK) and Path(path).is_file() else None
    else:
        found = _on_path(asked, environment)
    if found is None:
        raise InterpreterUnusable(
            asked, f"({reason}) is no executable file", "Name an existing Python, or leave it out to have one found."
        )
    return found


def _python_of(folder: Path) -> str | None:
    places = ("Scripts/python.exe",) if sys.platform == "win32" else ("bin/python", "bin/python3")
    return next((str(folder / place) for place in places if (folder / place).is_file()), None)


def _on_path(name: str, environment: Mapping[str, str]) -> str | None:
    return shutil.which(name, path=environment.get("PATH", ""))


def _own_is_fit() -> bool:
    return all(importlib.util.find_spec(name) is not None for name in ("tunesmith.optim", "dspy"))
