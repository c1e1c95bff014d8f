"""Capture mode: running the user's script up to its chosen `compile` call, which hands over and stops there."""

import importlib
import sys
from collections.abc import Callable
from importlib.util import spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

from dspy.evaluate.evaluate import EvaluationResult

from tunesmith.optim.errors import RunError
from tunesmith.optim.target_loading.compile_site import CallSite, calling_user_frame, file_and_line
from tunesmith.optim.target_loading.handover import Handover, handed_over
from tunesmith.optim.target_loading.import_path import import_name, put_on_path
from tunesmith.optim.target_loading.interception import intercepting

USAGE_ERROR = 2
"""The exit status of argparse (and most others) for missing arguments."""


class _Captured(BaseException):
    """Unwinds the script once its arguments are known. No `Exception`, so that user code does not swallow it."""


def capture(file: Path, site: CallSite, arguments: list[str], *, root: Path, warn: Callable[[str], None]) -> Handover:
    """Run `file` as `__main__` and return what the call at `site` was given.

    Other `compile` calls before it give back a copy of their student as it is, `Evaluate` a score of zero; both are
    reported through `warn`. The script's module stays `sys.modules["__main__"]`: its classes and functions live on.
    Raises `RunError` where the script ends before the call, and whatever the script raises.
    """
    shown = file_and_line(file, site.line, root)
    taken: list[Handover] = []

    def on_compile(optimizer: Any, given: dict[str, Any]) -> Any:
        frame = calling_user_frame(root)
        if not taken and site.holds(frame.f_code.co_filename, frame.f_lineno):
            taken.append(handed_over(optimizer, given))
        if taken:
            raise _Captured
        where = file_and_line(frame.f_code.co_filename, frame.f_lineno, root)
        warn(
            f"{where}: `{type(optimizer).__name__}.compile` was not run on the way to {shown}; "
            "its student went on as it was."
        )
        student: Any = given.get("student", given.get("program"))
        return student.deepcopy()

    def on_evaluate() -> EvaluationResult:
        if taken:
            raise _Captured
        frame = calling_user_frame(root)
        where = file_and_line(frame.f_code.co_filename, frame.f_lineno, root)
        warn(f"{where}: `Evaluate` was not run on the way to {shown}; it returned a score of 0.")
        return EvaluationResult(score=0.0, results=[])

    argv = sys.argv
    sys.argv = [str(file), *arguments]
    try:
        with intercepting(on_compile, on_evaluate):
            _run_as_main(file, root)
    except _Captured:
        pass
    except SystemExit as leaving:
        if not taken:
            raise _left_early(leaving, shown, arguments) from None
    finally:
        sys.argv = argv
    if not taken:
        raise RunError(
            f"The script ended without reaching the `compile` call at {shown}.",
            where=shown,
            next_step="Give the run the arguments that lead there (`--script-args`), or choose another target.",
        )
    return taken[0]


def _run_as_main(file: Path, root: Path) -> None:
    """As `python file` would, or `python -m package.module` where the file belongs to a package."""
    known_as = import_name(file)
    put_on_path(root, known_as.folder)
    main = ModuleType("__main__")
    main.__file__ = str(file)
    package = known_as.name.rpartition(".")[0]
    if package:
        importlib.import_module(package)
        main.__package__ = package
        main.__spec__ = spec_from_file_location(known_as.name, file)
    sys.modules["__main__"] = main
    code = compile(file.read_bytes(), str(file), "exec", dont_inherit=True)
    exec(code, main.__dict__)


def _left_early(leaving: SystemExit, shown: str, arguments: list[str]) -> RunError:
    if leaving.code == USAGE_ERROR:
        given = f"with the arguments {arguments}" if arguments else "without arguments"
        return RunError(
            f"The script stopped with a usage error when run {given}, before its `compile` call.",
            where=shown,
            next_step="Give the run the arguments it needs (`--script-args`; what it printed names them), "
            "or give its options defaults.",
        )
    return RunError(
        f"The script called sys.exit({leaving.code!r}) before its `compile` call.",
        where=shown,
        next_step="Give the run the arguments that lead there (`--script-args`), or choose another target.",
    )
