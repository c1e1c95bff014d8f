"""What the editor and `tunesmith check` report: one rule a file, and the table that runs them."""

from tunesmith.server.rules.rule import Diagnostic
from tunesmith.server.rules.table import RULES

__all__ = ["RULES", "Diagnostic"]
