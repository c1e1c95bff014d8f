"""`tunesmith index`: what the workspace holds, without a daemon and without running anything of it."""

import argparse

from tunesmith.server.cli.exit_codes import OK
from tunesmith.server.cli.local_workspace import read_workspace
from tunesmith.server.cli.options import add_json, add_root
from tunesmith.server.cli.output import print_json, result_console
from tunesmith.server.cli.root import existing_path, find_root, under_root
from tunesmith.server.cli.views.tables import modules_table


def define(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("path", nargs="?", metavar="PATH", help="a file or folder; by default the whole workspace")
    add_root(parser)
    add_json(parser)


def run(options: argparse.Namespace) -> int:
    path = existing_path(options.path)
    root = find_root(options.root, path)
    report = read_workspace(root).report(under_root(path, root))
    if options.json:
        print_json(report)
        return OK
    console = result_console()
    if report.modules:
        console.print(modules_table(report))
    counts = ", ".join(
        f"{len(found)} {name if len(found) != 1 else name.removesuffix('s')}"
        for name, found in (
            ("signatures", report.signatures),
            ("modules", report.modules),
            ("metrics", report.metrics),
            ("datasets", report.datasets),
            ("compiles", report.compiles),
            ("loads", report.loads),
        )
    )
    console.print(f"{report.files} files with DSPy: {counts}", soft_wrap=True)
    return OK
