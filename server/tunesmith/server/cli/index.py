"""`tunesmith index`: what the workspace holds, without a daemon and without running anything of it."""

import argparse

from tunesmith.server.cli.arguments import existing_path, find_root, under_root
from tunesmith.server.cli.errors import OK
from tunesmith.server.cli.local_workspace import read_workspace
from tunesmith.server.cli.options import add_json, add_root
from tunesmith.server.index import index_report
from tunesmith.server.views import index_summary, modules_table, print_json, print_lines


def define(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("path", nargs="?", metavar="PATH", help="a file or folder; by default the whole workspace")
    add_root(parser)
    add_json(parser)


def run(options: argparse.Namespace) -> int:
    path = existing_path(options.path)
    root = find_root(options.root, path)
    report = index_report(read_workspace(root).index, under_root(path, root))
    if options.json:
        print_json(report)
        return OK
    if report.modules:
        print_lines(modules_table(report))
    print(index_summary(report))
    return OK
