"""What is done with students, and worked out about them, happens in the user's interpreter, where torch is."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from tunesmith.protocol.student import MANIFEST
from tunesmith.server.cli.arguments import find_root, interpreter
from tunesmith.server.cli.errors import FINDINGS, OK, UsageError
from tunesmith.server.errors import InterpreterUnusable
from tunesmith.server.runs import choose_interpreter, explain_unfit, probe_interpreter
from tunesmith.server.target_discovery import FILE, read_configuration


def student_command(module: str, student: str, words: list[str], *, root: str | None, python: str | None) -> list[str]:
    """The command that runs a module of `tunesmith.optim.finetune` on a student's folder.

    Raises `UsageError`, `InterpreterUnusable`.
    """
    folder = student_folder(student)
    return finetune_command(module, [str(folder), *words], find_root(root, folder), python)


def finetune_command(module: str, words: list[str], root: Path, python: str | None) -> list[str]:
    """The command that runs a module of `tunesmith.optim.finetune`, in the interpreter a run of this workspace gets.

    Raises `UsageError`, `InterpreterUnusable`.
    """
    chosen = asyncio.run(find_interpreter(root, python))
    return [chosen, "-P", "-m", f"tunesmith.optim.finetune.{module}", *words]


def follow(command: list[str], show: Callable[[str], None]) -> int:
    """Run it to its end, and show each line it prints. Ctrl-C is its business, and ends this one with it."""
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, lambda *_: process.terminate())
        try:
            assert process.stdout is not None
            for line in process.stdout:
                show(line)
            return OK if process.wait() == 0 else FINDINGS
        finally:
            for number, handler in zip((signal.SIGINT, signal.SIGTERM), before, strict=True):
                signal.signal(number, handler)


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
    trouble = explain_unfit(chosen.path, await probe_interpreter(chosen.path, os.environ))
    if trouble is not None:
        raise InterpreterUnusable(chosen.path, *trouble)
    return chosen.path


def print_now(line: str) -> None:
    """A line as it came, at once."""
    sys.stdout.write(line)
    sys.stdout.flush()
