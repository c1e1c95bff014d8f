"""From words to a verb.

`VERBS` lists every verb with its line of help. A verb is the module of its name: `define(parser)` adds its
arguments, `run(options)` does it and returns an exit code. Only the chosen one is imported, and nothing here
imports more than argparse, so `tunesmith lsp` starts about as fast as Python does.
"""

import argparse
import json
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import NoReturn

from tunesmith.server.cli.errors import INTERRUPTED, OK, USAGE, UsageError
from tunesmith.server.client import VERSION

VERBS = {
    "lsp": "serve an editor over stdio (the language server's command)",
    "daemon": "start, stop or look at the background daemon",
    "index": "list the signatures, modules, metrics and data of a workspace, without running them",
    "check": "report findings as a linter does",
    "targets": "list what can be tuned",
    "evaluate": "score a target as it is",
    "estimate": "say what tuning a target would cost, and spend nothing",
    "optimize": "tune a target",
    "runs": "list, show, resume or cancel runs",
    "apply": "write what a run found into the source",
    "ui": "show runs in a browser: candidates, search, instructions, demos, costs, live",
    "model": "fetch and list embedded models, serve and export finetuned ones",
    "demo": "tune the bundled example, on this machine alone",
}


class VerbParser(argparse.ArgumentParser):
    """Raises instead of exiting, so that a wrong option is reported in JSON too where JSON was asked for."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message}. See `{self.prog} --help`.")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code. Never raises but for `SystemExit` of `--help` and `--version`."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    try:
        options = parse(words)
        exit_code = int(import_module(f"tunesmith.server.cli.{options.verb}").run(options))
        sys.stdout.flush()
        return exit_code
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # The reader of our output is gone (`| head`). What is left must go somewhere when Python flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return OK
    except Exception as error:  # noqa: BLE001  the process's border: a user never sees a bare traceback
        if isinstance(error, ModuleNotFoundError) and not str(error.name).startswith("tunesmith"):
            return report_missing(error, as_json="--json" in words)
        from tunesmith.server.cli.failure import report_failure

        return report_failure(error, as_json="--json" in words)


def parse(words: Sequence[str]) -> argparse.Namespace:
    """Raises `UsageError`."""
    parser = VerbParser(
        prog="tunesmith",
        description="Tunes DSPy programs: finds them, measures them, writes better instructions and demos into them.",
        epilog="Exit codes: 0 fine, 1 findings or a failed run, 2 usage.",
    )
    parser.add_argument("--version", action="version", version=f"tunesmith {VERSION}", help="print the version")
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True, title="verbs")
    chosen = next((word for word in words if not word.startswith("-")), None)
    for name, summary in VERBS.items():
        verb = verbs.add_parser(name, help=summary, description=f"{summary[0].upper()}{summary[1:]}.")
        if name == chosen:
            import_module(f"tunesmith.server.cli.{name}").define(verb)
    return parser.parse_args(words)


def report_missing(error: ModuleNotFoundError, *, as_json: bool) -> int:
    """Beside dspy tunesmith is mostly installed without the extra `server`. Reported with the standard library alone,
    because what is missing may be what other failures are reported with."""
    message = f"The command line needs {error.name}. Install it with `pip install 'tunesmith[server]'`."
    if as_json:
        print(json.dumps({"error": {"message": message}}))
    else:
        print(f"tunesmith: {message}", file=sys.stderr)
    return USAGE
