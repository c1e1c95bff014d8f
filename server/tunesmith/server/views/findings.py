"""What the rules found, as linters print it."""

import os
from collections.abc import Iterator
from pathlib import Path

from tunesmith.protocol.index_report import Finding


def findings_lines(findings: list[Finding], root: Path) -> Iterator[str]:
    """A line a finding, then how many there are. Paths as seen from the current folder, so that terminals and CI can
    link them."""
    for finding in findings:
        file = os.path.relpath(root / finding.file)
        yield f"{file}:{finding.line}:{finding.column}: {finding.severity}[{finding.rule}] {finding.message}"
    yield summary_line(findings)


def summary_line(findings: list[Finding]) -> str:
    """How many of each severity."""
    if not findings:
        return "Nothing found."
    counts = [
        f"{count} {severity if count == 1 or severity == 'information' else severity + 's'}"
        for severity in ("error", "warning", "information", "hint")
        if (count := sum(finding.severity == severity for finding in findings))
    ]
    return ", ".join(counts)
