"""What is done with a student happens in the user's interpreter, where torch is: this process becomes that one."""

import asyncio
import os
import sys
from pathlib import Path
from typing import NoReturn

from tunesmith.server.cli.errors import UsageError
from tunesmith.server.cli.root import find_root
from tunesmith.server.cli.run_options import interpreter
from tunesmith.server.errors import InterpreterUnusable
from tunesmith.server.runs.interpreter import choose_interpreter
from tunesmith.server.runs.probe import mend, probe_interpreter
from tunesmith.server.targets.configuration import FILE, read_configuration

MANIFEST = "student.json"


def become(module: str, student: str, words: list[str], *, root: str | None, python: str | None) -> NoReturn:
    """Run a module of `tunesmith.optim.finetune` on a student's folder instead of this process.

    Signals and the exit code are the module's own. Raises `UsageError`, `InterpreterUnusable`.
    """
    folder = student_folder(student)
    chosen = asyncio.run(find_interpreter(find_root(root, folder), python))
    sys.stdout.flush()
    os.execv(chosen, [chosen, "-P", "-m", f"tunesmith.optim.finetune.{module}", str(folder), *words])


def student_folder(given: str) -> Path:
    """Raises `UsageError` where no student lies there."""
    folder = Path(given).expanduser().resolve()
    if not (folder / MANIFEST).is_file():
        inside = sorted(path.parent.name for path in folder.glob(f"*/{MANIFEST}"))
        hint = f" Choose one of those inside: {', '.join(inside)}." if inside else ""
        raise UsageError(f"{given}: there is no student there (no {MANIFEST}).{hint}")
    return folder


async def find_interpreter(root: Path, python: str | None) -> str:
    """The one a run of this workspace would get. Raises `UsageError`, `InterpreterUnusable`."""
    try:
        text = (root / FILE).read_text(encoding="utf-8", errors="replace")
    except OSError:
        text = None
    configured = read_configuration(text).settings.interpreter
    chosen = await choose_interpreter(
        root, requested=interpreter(python), configured=configured, environment=os.environ
    )
    trouble = mend(chosen.path, await probe_interpreter(chosen.path, os.environ))
    if trouble is not None:
        raise InterpreterUnusable(chosen.path, *trouble)
    return chosen.path
