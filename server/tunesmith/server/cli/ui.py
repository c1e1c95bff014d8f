"""`tunesmith ui`: runs in a browser."""

import argparse
import sys
import threading
import webbrowser
from pathlib import Path

from tunesmith.server.cli.arguments import choose_run, find_root
from tunesmith.server.cli.errors import OK, UsageError
from tunesmith.server.cli.local_workspace import read_runs
from tunesmith.server.cli.options import add_json, add_root, not_negative
from tunesmith.server.results_page import ResultsAnswers, RunningPage, read_bundle, serve_page
from tunesmith.server.views import print_json


def define(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "run", metavar="RUN", nargs="?", help="a run's id, the beginning or end of one, or `latest`; by default all"
    )
    parser.add_argument(
        "--port", type=not_negative, default=0, metavar="N", help="where to listen; by default a free port"
    )
    parser.add_argument("--no-browser", action="store_true", help="print the link and open nothing")
    parser.add_argument(
        "--until-stdin-ends", action="store_true", help="end when standard input does, for programs that show the page"
    )
    add_root(parser)
    add_json(parser)


def run(options: argparse.Namespace) -> int:
    """Serves until it is interrupted, or until its standard input ends. Raises `UsageError`, `PageNotBuilt`."""
    root = find_root(options.root)
    page, link = start(root, options.run, options.port)
    try:
        if options.json:
            print_json({"link": link})
        else:
            print(f"The runs of {root}: {link}\nThe link works once; Ctrl-C ends the page.", flush=True)
        if not options.no_browser:
            webbrowser.open(link)
        wait(until_stdin_ends=options.until_stdin_ends)
    finally:
        page.stop()
    return OK


def wait(*, until_stdin_ends: bool) -> None:
    if until_stdin_ends:
        sys.stdin.read()
    else:
        threading.Event().wait()


def start(root: Path, run: str | None, port: int) -> tuple[RunningPage, str]:
    """The served page and the link that opens it, at a run where one is named.

    Raises `UsageError` for a run that is not there and a port that is taken, `PageNotBuilt`.
    """
    catalog = read_runs()
    run_id = choose_run(catalog.summaries(root), run).run_id if run else None
    try:
        page = serve_page(ResultsAnswers(root, catalog), read_bundle(), port=port)
    except (OSError, OverflowError) as error:
        raise UsageError(f"Port {port} cannot be listened on ({error}). Leave --port out for a free one.") from error
    return page, page.link(run_id)
