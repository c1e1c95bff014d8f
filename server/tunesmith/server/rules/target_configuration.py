"""`target-configuration`: what is wrong with `[tool.tunesmith]` in pyproject.toml."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from tunesmith.server.rules.rule import Artifacts, Diagnostic
from tunesmith.server.runs.snapshot import RunsSnapshot

if TYPE_CHECKING:
    from tunesmith.server.workspace import Workspace


def find_configuration_problems(
    workspace: "Workspace", runs: RunsSnapshot, artifacts: Artifacts, path: str
) -> Iterator[Diagnostic]:
    if path != "pyproject.toml":
        return
    for problem in workspace.problems():
        yield Diagnostic(
            span=problem.span,
            severity="error",
            code="target-configuration",
            message=problem.message,
        )
