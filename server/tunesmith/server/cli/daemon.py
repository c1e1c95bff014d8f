"""`tunesmith daemon`: the background process that every other verb and every editor shares."""

import argparse
import asyncio
import time
from collections.abc import Iterator
from pathlib import Path

from tunesmith.server.cli.errors import FINDINGS, OK
from tunesmith.server.cli.options import add_json
from tunesmith.server.client import DaemonNotRunning, daemon_status, log_file, start_daemon, stop_daemon
from tunesmith.server.views import complain, daemon_lines, print_json

ACTIONS = {
    "start": "start it, where none runs",
    "stop": "stop it; its runs commit what is in flight and can be resumed",
    "status": "say whether it runs, since when, and what it is doing (exit code 1 where it does not run)",
    "logs": "print its log",
}

LOOK_SECONDS = 0.2
"""How often `--follow` looks for new lines."""


def define(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    for name, summary in ACTIONS.items():
        action = actions.add_parser(name, help=summary, description=f"{summary[0].upper()}{summary[1:]}.")
        if name == "logs":
            action.add_argument("--follow", action="store_true", help="go on with what is written, until Ctrl-C")
        add_json(action)


def run(options: argparse.Namespace) -> int:
    actions = {"start": start, "stop": stop, "status": show_status, "logs": print_log}
    return actions[options.action](options)


def start(options: argparse.Namespace) -> int:
    start_daemon()
    status = asyncio.run(daemon_status())
    return answer(options, status, f"The daemon runs (process {status.pid}, version {status.version}).")


def stop(options: argparse.Namespace) -> int:
    pid = stop_daemon()
    sentence = "The daemon was not running." if pid is None else f"The daemon (process {pid}) has stopped."
    return answer(options, {"stopped": pid}, sentence)


def show_status(options: argparse.Namespace) -> int:
    try:
        status = asyncio.run(daemon_status())
    except DaemonNotRunning as error:
        answer(options, {"running": False}, str(error))
        return FINDINGS
    return answer(options, status, "\n".join(daemon_lines(status)))


def print_log(options: argparse.Namespace) -> int:
    path = log_file()
    if not path.exists():
        complain(f"There is no log yet at {path}.")
        return FINDINGS
    for line in follow_log(path) if options.follow else path.read_text(errors="replace").splitlines():
        answer(options, {"line": line}, line)
    return OK


def follow_log(path: Path) -> Iterator[str]:
    """Lines as they are written, across rotations; never ends."""
    while True:
        with path.open(errors="replace") as log:
            inode = path.stat().st_ino
            while path.exists() and path.stat().st_ino == inode:
                for line in log:
                    yield line.rstrip("\n")
                time.sleep(LOOK_SECONDS)
        while not path.exists():
            time.sleep(LOOK_SECONDS)


def answer(options: argparse.Namespace, document: object, sentence: str) -> int:
    """Print the one for programs or the other for people."""
    if options.json:
        print_json(document)
    else:
        print(sentence, flush=True)
    return OK
