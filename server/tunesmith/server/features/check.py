"""`tunesmith/check`: the rules over many files, told as a linter tells them."""

from typing import TYPE_CHECKING

from tunesmith.protocol.index_report import CheckReport, Finding
from tunesmith.server.features.diagnostics import diagnose
from tunesmith.server.rules import Artifacts, Diagnostic
from tunesmith.server.runs import RunsSnapshot

if TYPE_CHECKING:
    from tunesmith.server.workspace import Workspace

CONFIGURATION = "pyproject.toml"


def check_files(workspace: "Workspace", runs: RunsSnapshot, artifacts: Artifacts, within: str | None) -> CheckReport:
    """Findings by file and place, under the file or folder `within`, relative to the root; None: everywhere."""
    paths = sorted({CONFIGURATION, *workspace.index.paths()})
    return CheckReport(
        findings=[
            as_finding(path, diagnostic)
            for path in paths
            if is_within(path, within)
            for diagnostic in diagnose(workspace, runs, artifacts, path)
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
