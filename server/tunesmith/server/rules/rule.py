"""What a rule is given and what it gives."""

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Literal

from msgspec import Struct

from tunesmith.server.artifacts import LoadedArtifact
from tunesmith.server.index import Span
from tunesmith.server.runs import RunsSnapshot

if TYPE_CHECKING:
    from tunesmith.server.workspace import Workspace

Severity = Literal["error", "warning", "information", "hint"]


class Related(Struct, frozen=True, kw_only=True):
    """Another place that explains a diagnostic."""

    path: str
    span: Span
    message: str


class Diagnostic(Struct, frozen=True, kw_only=True):
    span: Span
    severity: Severity
    code: str
    message: str
    data: dict[str, Any] = {}
    """Plain data for code actions."""
    related: list[Related] = []


Artifacts = Mapping[str, LoadedArtifact]
"""What the workspace's `load` and `load_student` calls read, by path relative to the root."""

Rule = Callable[["Workspace", RunsSnapshot, Artifacts, str], Iterable[Diagnostic]]
"""Looks at one file, by its path relative to the root. Does no I/O."""
