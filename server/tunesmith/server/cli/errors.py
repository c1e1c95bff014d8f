"""What the process returns, and the errors the command line raises itself. Standard library only.

CommandError
└── UsageError   the words make no sense: an unknown verb, target or run, a bad option value
"""

from difflib import get_close_matches

OK = 0
FINDINGS = 1
"""Findings, or a run that failed."""
USAGE = 2
"""The command could not be carried out as it was given."""
INTERRUPTED = 130
"""What a shell reports of a process that Ctrl-C ended."""


class CommandError(Exception):
    """Something failed in a way that one sentence explains."""

    exit_code = FINDINGS


class UsageError(CommandError):
    """The command could not be carried out as it was given."""

    exit_code = USAGE


def unknown(what: str, given: str, known: list[str], *, none: str) -> UsageError:
    """The error for a name that nothing has, with the closest of `known`.

    `what` is the kind of thing, `none` the sentence that helps where nothing is known at all.
    """
    if not known:
        return UsageError(f"There is no {what} {given!r}. {none}")
    close = get_close_matches(given, known, n=1)
    if close:
        return UsageError(f"There is no {what} {given!r}; did you mean {close[0]!r}?")
    return UsageError(f"There is no {what} {given!r}. Known: {', '.join(known)}.")
