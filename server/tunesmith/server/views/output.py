"""Where words go: results to stdout, progress and complaints to stderr."""

import sys
from collections.abc import Iterable
from typing import Any

from rich.console import Console

from tunesmith.protocol import UserError, encode


def print_json(value: Any) -> None:
    """One JSON document, on a line of its own."""
    sys.stdout.write(encode(value).decode() + "\n")
    sys.stdout.flush()


def print_lines(lines: Iterable[str]) -> None:
    """To stdout."""
    for line in lines:
        print(line)


def progress_console() -> Console:
    """Source text must not be read as markup, nor numbers coloured at random."""
    return Console(stderr=True, markup=False, highlight=False, emoji=False)


def complain(message: str) -> None:
    """A sentence to stderr, after the command's name."""
    print(f"tunesmith: {message}", file=sys.stderr)


def complain_of(error: UserError) -> None:
    """With the user's own frames, where their code is to blame."""
    complain(str(error))
    if error.traceback:
        print(error.traceback.rstrip(), file=sys.stderr)
