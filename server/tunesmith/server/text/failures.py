"""What went wrong, in a few words."""

import re
import signal

KIND_LENGTH = 160

DIFFERS = re.compile(r"'[^']*'|\"[^\"]*\"|0x[0-9a-fA-F]+|\d+(?:\.\d+)?")
"""Quoted values and numbers: what one message has and the next of its kind has not."""


def describe_error_kind(error: str) -> str:
    """The first line of an error's message, its values as `…`: the same for all errors of a kind."""
    lines = error.strip().splitlines()
    first = DIFFERS.sub("…", lines[0].strip()) if lines else "unknown"
    return first if len(first) <= KIND_LENGTH else first[: KIND_LENGTH - 1] + "…"


def describe_exit(returncode: int) -> str:
    """`exit code 3`, or the signal by name with what it usually means. `returncode` as `subprocess` has it."""
    if returncode >= 0:
        return f"exit code {returncode}"
    try:
        name = signal.Signals(-returncode).name
    except ValueError:
        return f"signal {-returncode}"
    meaning = {
        "SIGSEGV": "a segmentation fault in native code",
        "SIGABRT": "an abort in native code",
        "SIGBUS": "a memory fault in native code",
        "SIGKILL": "killed from outside; often the system ran out of memory",
        "SIGTERM": "ended from outside",
    }.get(name)
    return f"signal {-returncode} ({name}{': ' + meaning if meaning else ''})"
