"""The table of rules: one line a rule.

A rule is the module of its name. Its `find` is a `Rule`; its docstring says what it reports, and under which codes.
"""

from importlib import import_module

from tunesmith.server.rules.rule import Rule

NAMES = (
    "improvement-available",
    "missing-student",
    "stale-artifact",
    "target-configuration",
)

RULES: dict[str, Rule] = {
    name: import_module(f"tunesmith.server.rules.{name.replace('-', '_')}").find for name in NAMES
}
"""By name, in the order in which they look at a file."""
