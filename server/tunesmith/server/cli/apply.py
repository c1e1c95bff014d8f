"""`tunesmith apply`: show the edit a run leads to, and write it."""

import argparse

from tunesmith.protocol.session_messages import ApplyParams
from tunesmith.server.cli.arguments import find_root
from tunesmith.server.cli.ask import ask, ask_for_run
from tunesmith.server.cli.errors import OK, UsageError
from tunesmith.server.cli.options import add_json, add_root
from tunesmith.server.views import print_json


def define(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("run", metavar="RUN", help="a run's id, the beginning or end of one, or `latest`")
    parser.add_argument(
        "--form",
        choices=["load", "demos", "instructions"],
        default="load",
        help="load: copy the artifact to compiled/ and load it; demos: write the demos into the source; "
        "instructions: write the new instructions into the source, and the demos (default load)",
    )
    parser.add_argument(
        "--predictor", metavar="NAME", help="with --form instructions: write this predictor's instruction alone"
    )
    parser.add_argument("--diff", action="store_true", help="only print the edit")
    add_root(parser)
    add_json(parser)


def run(options: argparse.Namespace) -> int:
    if options.predictor is not None and options.form != "instructions":
        raise UsageError("--predictor goes with --form instructions.")
    root = find_root(options.root)
    chosen = ask_for_run(root, options.run)
    # The daemon composes against the file as it is now and refuses where its anchors are gone.
    applied = ask(
        "tunesmith/apply",
        ApplyParams(
            root=str(root),
            run_id=chosen.run_id,
            form=options.form,
            predictor=options.predictor,
            write=not options.diff,
        ),
    )
    if options.json:
        print_json(applied)
        return OK
    print(applied.diff.rstrip("\n"))
    if applied.written:
        print(f"\nWritten: {', '.join(applied.files)}")
    return OK
