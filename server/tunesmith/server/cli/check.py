"""`tunesmith check`: the rules as a linter, for terminals and CI. Needs no daemon and runs nothing."""

import argparse
import os
from pathlib import Path

from tunesmith.protocol.index_report import Finding
from tunesmith.server.cli.exit_codes import FINDINGS, OK
from tunesmith.server.cli.local_workspace import read_runs, read_snapshot
from tunesmith.server.cli.options import add_json, add_root
from tunesmith.server.cli.root import existing_path, find_root, under_root
from tunesmith.server.features import check_files
from tunesmith.server.views import print_json

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
        for finding in report.findings:
            print(finding_line(finding, root))
        print(summary_line(report.findings))
    return FINDINGS if any(finding.severity in FAILING for finding in report.findings) else OK


def finding_line(finding: Finding, root: Path) -> str:
    """The path as seen from the current folder, so that terminals and CI can link it."""
    file = os.path.relpath(root / finding.file)
    return f"{file}:{finding.line}:{finding.column}: {finding.severity}[{finding.rule}] {finding.message}"


def summary_line(findings: list[Finding]) -> str:
    if not findings:
        return "Nothing found."
    counts = [
        f"{count} {severity if count == 1 or severity == 'information' else severity + 's'}"
        for severity in ("error", "warning", "information", "hint")
        if (count := sum(finding.severity == severity for finding in findings))
    ]
    return ", ".join(counts)
