"""`target-configuration`: what is wrong with `[tool.tunesmith]` in pyproject.toml."""

from collections.abc import Iterator

from tunesmith.protocol import ConfiguredTarget
from tunesmith.server.index import Span
from tunesmith.server.offers import Snapshot
from tunesmith.server.rules.rule import Diagnostic, Severity


def find(snapshot: Snapshot, path: str) -> Iterator[Diagnostic]:
    for problem in snapshot.problems:
        if problem.file == path:
            yield _on_line(problem.line, "error", problem.message)
    for found in snapshot.targets:
        target = found.target
        if isinstance(target, ConfiguredTarget) and target.file == path and found.program is None:
            message = (
                f"The program `{target.program}` of target `{target.name}` cannot be followed in this workspace, so "
                "its results cannot be applied. Name a module-level attribute: `module:attribute`."
            )
            yield _on_line(target.line, "information", message)


def _on_line(line: int, severity: Severity, message: str) -> Diagnostic:
    """The whole line, 1-based. Offsets are unknown: the configuration is no indexed file."""
    span = Span(start=0, end=0, line=line - 1, column=0, end_line=line, end_column=0)
    return Diagnostic(span=span, severity=severity, code="target-configuration", message=message)
