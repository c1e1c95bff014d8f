"""Asking before a script is run: everything else reads programs without executing them."""

import sys

from tunesmith.protocol.session_messages import TargetInfo
from tunesmith.server.cli.errors import UsageError


def agrees_to_run_script(target: TargetInfo, *, as_json: bool) -> bool:
    """Ask on a terminal. Raises `UsageError` where nobody can answer."""
    place = f"{target.file}:{target.line}"
    if as_json or not sys.stdin.isatty():
        raise UsageError(
            f"{place}: the arguments of this compile call are local variables, so its script has to run up to the "
            "call. Agree with --yes-run-script, or name program, metric and data in pyproject.toml."
        )
    print(f"The arguments of the compile call at {place} are local variables.", file=sys.stderr)
    print(f"Run {target.file} up to that call? [y/N] ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() in {"y", "yes"}
