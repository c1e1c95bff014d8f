"""What a rule is given and what it gives."""

from collections.abc import Callable, Iterable
from typing import Any, Literal

from msgspec import Struct

from tunesmith.server.index import Span
from tunesmith.server.offers import Snapshot

Severity = Literal["error", "warning", "information", "hint"]


class Related(Struct, frozen=True, kw_only=True):
    """Another place that explains a diagnostic."""

    path: str
    span: Span
    message: str


class Diagnostic(Struct, frozen=True, kw_only=True):
    """What a rule reports of a file (LSP, `Diagnostic`)."""

    span: Span
    severity: Severity
    code: str
    """What kind of finding it is: the rule's name, or another that the rule's docstring names."""
    message: str
    """Sentences for the user: what is the case, and what to do next."""
    data: dict[str, Any] = {}
    """Plain data for code actions."""
    related: list[Related] = []


Rule = Callable[[Snapshot, str], Iterable[Diagnostic]]
"""Looks at one file, by its path relative to the root. Does no I/O."""
