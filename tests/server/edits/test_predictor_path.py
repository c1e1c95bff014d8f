import pytest

from tunesmith.server.edits.statements.predictor_path import predictor_expression


@pytest.mark.parametrize(
    ("name", "expression"),
    [
        ("self", "program"),
        ("classify", "program.classify"),
        ("answer.predict", "program.answer.predict"),
        ("steps[0]", "program.steps[0]"),
        ("steps[12].inner.predict", "program.steps[12].inner.predict"),
        ("tools['search']", 'program.tools["search"]'),
        ("größe", "program.größe"),
        # dict keys that may not be strings, or not these strings
        ("tools['1']", None),
        ("tools['None']", None),
        ("tools['a b']", None),
        ("tools['it's']", None),
        # known at run time only
        ("steps[*]", None),
        ("*", None),
        ("class", None),
        ("a..b", None),
        (".a", None),
        ("a b", None),
    ],
)
def test_predictor_expression(name: str, expression: str | None) -> None:
    assert predictor_expression("program", name) == expression
