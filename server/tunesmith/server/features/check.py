"""`tunesmith/check`: the rules over many files, as a linter reports them."""

from tunesmith.protocol.index_report import CheckReport, Finding
from tunesmith.server.features.diagnostics import diagnose
from tunesmith.server.offers import Snapshot
from tunesmith.server.rules import Diagnostic

CONFIGURATION = "pyproject.toml"


def check_files(snapshot: Snapshot, within: str | None) -> CheckReport:
    """Findings by file and place, under the file or folder `within`, relative to the root; None: everywhere."""
    paths = sorted({CONFIGURATION, *snapshot.index.paths()})
    return CheckReport(
        findings=[
            as_finding(path, diagnostic)
            for path in paths
            if is_within(path, within)
            for diagnostic in diagnose(snapshot, path)
        ]
    )


def as_finding(path: str, diagnostic: Diagnostic) -> Finding:
    """Lines and columns count from 1 outside an editor."""
    span = diagnostic.span
    return Finding(
        rule=diagnostic.code,
        severity=diagnostic.severity,
        message=diagnostic.message,
        file=path,
        line=span.line + 1,
        column=span.column + 1,
        end_line=span.end_line + 1,
        end_column=span.end_column + 1,
    )


def is_within(path: str, within: str | None) -> bool:
    """Both relative to the root."""
    return within is None or path == within or path.startswith(f"{within}/")
