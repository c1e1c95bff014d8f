"""`tunesmith check`: the rules as a linter, for terminals and CI. Needs no daemon and runs nothing."""

import argparse

from tunesmith.server.cli.arguments import existing_path, find_root, under_root
from tunesmith.server.cli.errors import FINDINGS, OK
from tunesmith.server.cli.local_workspace import read_runs, read_snapshot
from tunesmith.server.cli.options import add_json, add_root
from tunesmith.server.features import check_files
from tunesmith.server.views import findings_lines, print_json, print_lines

FAILING = frozenset({"error", "warning"})
"""Severities that make the exit code 1: an improvement that waits to be applied does not break a build."""


def define(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("path", nargs="?", metavar="PATH", help="a file or folder; by default the whole workspace")
    add_root(parser)
    add_json(parser)


def run(options: argparse.Namespace) -> int:
    path = existing_path(options.path)
    root = find_root(options.root, path)
    report = check_files(read_snapshot(root, read_runs()), under_root(path, root))
    if options.json:
        print_json(report)
    else:
        print_lines(findings_lines(report.findings, root))
    return FINDINGS if any(finding.severity in FAILING for finding in report.findings) else OK
