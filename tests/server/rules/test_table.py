"""A rule is a file and a line of the table."""

import inspect
import sys

import pytest

from tunesmith.server.rules import RULES


@pytest.mark.parametrize("name", RULES)
def test_a_rule_is_the_module_of_its_name(name: str) -> None:
    module = sys.modules[RULES[name].__module__]
    assert module.__name__ == f"tunesmith.server.rules.{name.replace('-', '_')}"
    assert (module.__doc__ or "").startswith(f"`{name}`: ")
    assert list(inspect.signature(RULES[name]).parameters) == ["snapshot", "path"]
