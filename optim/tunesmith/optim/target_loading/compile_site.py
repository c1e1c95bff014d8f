"""Where a `compile` call stands: the one the user chose, and the one that is being made."""

import ast
import sys
import sysconfig
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

_LIBRARIES = {Path(sysconfig.get_path(name)).resolve() for name in ("stdlib", "purelib", "platlib")}
_OURS = Path(__file__).resolve().parents[1]


@dataclass(frozen=True, slots=True)
class CallSite:
    """Lines of a call expression, 1-based, both inclusive."""

    file: Path
    line: int
    end_line: int

    def holds(self, file: str, line: int) -> bool:
        """The line belongs to the call."""
        return self.line <= line <= self.end_line and Path(file).resolve() == self.file


def find_compile_call(file: Path, line: int) -> CallSite | None:
    """The innermost `….compile(…)` call of the file that covers `line`; None where there is none.

    Raises `SyntaxError` where the file cannot be parsed.
    """
    tree = ast.parse(file.read_bytes(), filename=str(file))
    calls = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "compile"
        and node.lineno <= line <= (node.end_lineno or node.lineno)
    ]
    if not calls:
        return None
    call = min(calls, key=lambda node: (node.end_lineno or node.lineno) - node.lineno)
    return CallSite(file.resolve(), call.lineno, call.end_lineno or call.lineno)


def calling_user_frame(root: Path) -> FrameType:
    """The innermost frame of the caller's that runs code of the workspace; the outermost one where none does."""
    frame = sys._getframe(1)
    while not is_user_file(frame.f_code.co_filename, root) and frame.f_back is not None:
        frame = frame.f_back
    return frame


def is_user_file(file: str, root: Path) -> bool:
    """Code of the workspace: below its root, and neither a library of this interpreter nor of an environment there."""
    if file.startswith("<"):
        return False
    path = Path(file).resolve()
    if not path.is_relative_to(root.resolve()):
        return False
    if {"site-packages", "dist-packages"} & set(path.relative_to(root.resolve()).parts):
        return False
    return not any(path.is_relative_to(library) for library in (*_LIBRARIES, _OURS))


def file_and_line(file: str | Path, line: int, root: Path) -> str:
    """`file:line`, relative to the root where below it."""
    path = Path(file).resolve()
    shown = path.relative_to(root.resolve()) if path.is_relative_to(root.resolve()) else path
    return f"{shown.as_posix()}:{line}"
