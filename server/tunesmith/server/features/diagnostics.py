"""`textDocument/diagnostic`: what the rules say of a file."""

import logging

from tunesmith.server.offers import Snapshot
from tunesmith.server.rules import RULES, Diagnostic

_log = logging.getLogger(__name__)


def diagnose(snapshot: Snapshot, path: str) -> list[Diagnostic]:
    """Every rule's findings in the file `path`, ordered by place. A rule that raises is logged and left out."""
    found: list[Diagnostic] = []
    for name, rule in RULES.items():
        try:
            found += rule(snapshot, path)
        except Exception:  # noqa: BLE001 - a request's border: one bad rule must not silence the others
            _log.exception("rule %s failed on %s", name, path)
    return sorted(found, key=lambda one: (one.span.line, one.span.column, one.code))
