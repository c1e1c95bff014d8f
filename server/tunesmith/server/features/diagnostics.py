"""`textDocument/diagnostic`: what the rules say of a file."""

import logging
from typing import TYPE_CHECKING

from tunesmith.server.rules import RULES, Artifacts, Diagnostic
from tunesmith.server.runs import RunsSnapshot

if TYPE_CHECKING:
    from tunesmith.server.workspace import Workspace

_log = logging.getLogger(__name__)


def diagnose(workspace: "Workspace", runs: RunsSnapshot, artifacts: Artifacts, path: str) -> list[Diagnostic]:
    """Every rule's findings in the file `path`, ordered by place. A rule that raises is logged and left out."""
    found: list[Diagnostic] = []
    for name, rule in RULES.items():
        try:
            found += rule(workspace, runs, artifacts, path)
        except Exception:  # noqa: BLE001 - a request's border: one bad rule must not silence the others
            _log.exception("rule %s failed on %s", name, path)
    return sorted(found, key=lambda one: (one.span.line, one.span.column, one.code))
