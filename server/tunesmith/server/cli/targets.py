"""`tunesmith targets`: what can be tuned, with the last run of each. Needs no daemon and runs nothing."""

import argparse

from tunesmith.protocol.session_messages import TargetList
from tunesmith.server.cli.arguments import NO_TARGETS, existing_path, find_root, under_root
from tunesmith.server.cli.errors import OK
from tunesmith.server.cli.local_workspace import read_runs, read_snapshot
from tunesmith.server.cli.options import add_json, add_root
from tunesmith.server.features import is_within, list_targets
from tunesmith.server.views import print_json, print_lines, targets_table


def define(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("path", nargs="?", metavar="PATH", help="only what a file or folder declares")
    add_root(parser)
    add_json(parser)


def run(options: argparse.Namespace) -> int:
    path = existing_path(options.path)
    root = find_root(options.root, path)
    within = under_root(path, root)
    runs = read_runs()
    newest_first = runs.summaries(root)
    listed = list_targets(read_snapshot(root, runs), newest_first)
    targets = [target for target in listed.targets if is_within(target.file, within)]
    if options.json:
        print_json(TargetList(targets=targets))
    elif targets:
        print_lines(targets_table(targets))
    else:
        print(NO_TARGETS)
    return OK
