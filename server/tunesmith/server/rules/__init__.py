"""What the editor and `tunesmith check` report: one rule a file, and the table that runs them."""

from tunesmith.server.rules.rule import Diagnostic, Related, Rule, Severity
from tunesmith.server.rules.table import RULES

__all__ = ["RULES", "Diagnostic", "Related", "Rule", "Severity"]
